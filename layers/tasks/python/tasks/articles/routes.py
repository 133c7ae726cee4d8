"""The HTTP routes of the articles; a task of theirs is polled at /api/tasks/{id}."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from fastapi import Path as InPath
from fastapi.responses import JSONResponse, Response

from tasks.articles import dialect, names, schema
from tasks.articles.glossary import Glossaries
from tasks.articles.params import Extract, Source, Target
from tasks.articles.settings import Settings
from windrow.api.detailed import DetailRoute
from windrow.api.idempotency import IdempotencyKey, replayed
from windrow.api.reading import add_get
from windrow.api.v1.caller import Tenant
from windrow.engine.engine import Engine
from windrow.engine.submit import submit

SAMPLES = Path(__file__).parent / "samples"
SAMPLE_NOT_FOUND = "Sample not found"
# An article takes some seconds, and a model half a minute.
RETRY_AFTER = "2"

WRONG: Mapping[int | str, dict[str, Any]] = {
    422: {"model": schema.Wrong, "description": "A field or parameter is not what it must be"},
    "default": {"model": schema.Sentence, "description": "Any other error"},
}
PAGE: Mapping[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {}}, "description": "The page"},
    404: {"model": schema.Sentence, "description": "There is no such sample"},
}

Learnt = Annotated[Source, InPath(description="The language of articles, as `es`")]
Spoken = Annotated[Target, InPath(description="The language of translations, as `en`")]


def routers(engine: Engine) -> list[APIRouter]:
    """The router of the articles."""
    router = APIRouter(tags=["articles"], route_class=DetailRoute)
    _add_extract(router, engine)
    _add_glossary(router, engine)
    _add_samples(router)
    return [router]


def _add_extract(router: APIRouter, engine: Engine) -> None:
    @router.post(
        names.EXTRACT,
        summary="Extract the vocabulary of an article in the background",
        response_model=schema.Started,
        responses={**WRONG},
    )
    def extract_vocabulary(body: Extract, tenant: Tenant, key: IdempotencyKey) -> Response:
        """Answers at once: poll what `Location` names until `status` is completed or failed.

        Words that are known already are left out. Sent again with the same `Idempotency-Key` it is
        answered as before, and done once.
        """
        given = body.model_dump(mode="json", exclude_unset=True)
        submission = submit(engine, names.TASK, given, tenant=tenant, key=key)
        return JSONResponse(
            dialect.render(submission.task, engine.clock.now()),
            headers={
                "Location": names.POLL + submission.task.ref.task,
                "Retry-After": RETRY_AFTER,
                **replayed(submission),
            },
        )


def _add_glossary(router: APIRouter, engine: Engine) -> None:
    table = Settings.from_environment().table

    @router.put(
        names.GLOSSARY,
        summary="Replace the glossary of a pair of languages",
        response_model=schema.Entries,
        responses={**WRONG},
    )
    def put_glossary(
        body: schema.Entries, source_lang: Learnt, target_lang: Spoken, tenant: Tenant
    ) -> Response:
        """Your own translations: extractions take them before any other."""
        Glossaries(engine.aws, table, tenant).replace(source_lang, target_lang, body.entries)
        return JSONResponse({"entries": body.entries})

    def get_glossary(source_lang: Learnt, target_lang: Spoken, tenant: Tenant) -> Response:
        """Every entry; none where there is no glossary."""
        entries = Glossaries(engine.aws, table, tenant).read(source_lang, target_lang)
        return JSONResponse({"entries": entries})

    add_get(
        router,
        names.GLOSSARY,
        get_glossary,
        summary="See the glossary of a pair of languages",
        response_model=schema.Entries,
        responses={**WRONG},
    )


def _add_samples(router: APIRouter) -> None:
    def sample_article(
        name: Annotated[str, InPath(description="One of `de`, `en`, `es`", examples=["es"])],
    ) -> Response:
        """A page as newspapers have them, to be extracted where there is no internet."""
        page = _samples().get(name)
        if page is None:
            raise HTTPException(404, SAMPLE_NOT_FOUND)
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": "default-src 'none'"}
        return Response(page, media_type="text/html", headers=headers)

    add_get(
        router,
        names.SAMPLE,
        sample_article,
        summary="Read a sample article",
        response_class=Response,
        responses={**PAGE, **WRONG},
    )


@cache
def _samples() -> Mapping[str, bytes]:
    """Every page by its name."""
    return {path.stem: path.read_bytes() for path in SAMPLES.glob("*.html")}
