"""The HTTP routes of the countries."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

from tasks.countries import body, dialect, names, query, schema
from tasks.countries.image import CONTENT_TYPE, ImageStore
from tasks.countries.ledger import Ledger
from tasks.countries.listing import Sort, select
from tasks.countries.rows import Rows
from tasks.countries.settings import Settings
from tasks.countries.status import RETRY_AFTER, routes
from windrow.api.idempotency import IdempotencyKey, replayed
from windrow.api.reading import add_get, add_polled
from windrow.engine.engine import Engine
from windrow.engine.submit import submit
from windrow.model.ref import DEFAULT_TENANT

REFRESH_STATUS = """Poll it until `is_running` is false; `countries_processed` grows by 50.

`error` says why a refresh failed; all countries are then as they were, unless it says else.
"""
COUNTRY_NOT_FOUND = "Country not found"
IMAGE_NOT_FOUND = "Summary image not found"

BAD_REQUEST: Mapping[int | str, dict[str, Any]] = {
    400: {"model": schema.Invalid, "description": "The request is not as described here"}
}
KEY_REUSED: Mapping[int | str, dict[str, Any]] = {
    422: {"model": schema.Problem, "description": "The key came with another request before"}
}
NO_COUNTRY: Mapping[int | str, dict[str, Any]] = {
    404: {"model": schema.NoCountry, "description": "There is no such country"}
}
PNG: Mapping[int | str, dict[str, Any]] = {
    200: {"content": {CONTENT_TYPE: {}}, "description": "The image"},
    304: {"description": "The image is the one that If-None-Match names"},
    404: {"model": schema.NoImage, "description": "No refresh has been completed yet"},
}
# FastAPI would document an answer 422 that is never given.
OTHERS: Mapping[int | str, dict[str, Any]] = {
    "default": {"model": schema.Problem, "description": "Any other error"}
}

Name = Annotated[str, Path(description="In any case", examples=["Nigeria"])]


def routers(engine: Engine) -> list[APIRouter]:
    """A router for each spelling of the paths; only the first is in the documentation."""
    settings = Settings.from_environment()
    aws = engine.aws
    rows = Rows(aws, settings.table, DEFAULT_TENANT)
    ledger = Ledger(aws, settings.table, DEFAULT_TENANT)
    images = ImageStore(aws, settings.bucket, DEFAULT_TENANT)
    made = []
    for prefix in names.PREFIXES:
        is_documented = prefix == names.PREFIXES[0]
        router = APIRouter(prefix=prefix, tags=["countries"], include_in_schema=is_documented)
        _add_refresh(router, engine, prefix)
        _add_summary(router, rows, ledger, images)
        # Last, for its path takes in all others below /countries.
        _add_countries(router, rows)
        made.append(router)
    return made


def _add_refresh(router: APIRouter, engine: Engine, prefix: str) -> None:
    @router.post(
        names.REFRESH,
        summary="Refresh all countries in the background",
        response_model=schema.Refresh,
        responses={**BAD_REQUEST, **KEY_REUSED, **OTHERS},
        dependencies=[Depends(_no_body)],
    )
    def refresh(key: IdempotencyKey) -> Response:
        """Starts a refresh, or names the one that is under way: there is one at a time.

        Send no body, or `{}`. `Location` says where to poll, `Retry-After` how often. Sent again
        with the same `Idempotency-Key` it is answered as before, and starts nothing.
        """
        submission = submit(engine, names.TASK, key=key)
        return JSONResponse(
            dialect.submitted(submission.task, is_new=not submission.is_met),
            headers={
                "Location": prefix + names.REFRESH_STATUS,
                "Retry-After": RETRY_AFTER,
                **replayed(submission),
            },
        )

    add_polled(
        router,
        engine,
        names.REFRESH_STATUS,
        routes[f"GET {prefix}{names.REFRESH_STATUS}"],
        name="refresh_status",
        summary="See where the refresh stands",
        description=REFRESH_STATUS,
        response_model=schema.RefreshStatus,
    )


def _add_summary(router: APIRouter, rows: Rows, ledger: Ledger, images: ImageStore) -> None:
    def status() -> Response:
        """`last_refreshed_at` is null until a refresh has been completed."""
        return JSONResponse(dialect.totals(len(rows.all()), ledger.last_refresh()))

    def image(if_none_match: Annotated[str, Header()] = "") -> Response:
        """A PNG with the number of countries, the five largest by estimated GDP, and the time.

        It carries an `ETag`; send that as `If-None-Match` and nothing comes twice.
        """
        found = images.get()
        if found is None:
            raise HTTPException(404, IMAGE_NOT_FOUND)
        headers = {"ETag": found.etag, "Cache-Control": "no-cache"}
        if _has(found.etag, if_none_match):
            return Response(status_code=304, headers=headers)
        headers["Content-Disposition"] = 'inline; filename="summary.png"'
        return Response(found.body, media_type=CONTENT_TYPE, headers=headers)

    add_get(
        router,
        names.STATUS,
        status,
        summary="Count the countries",
        response_model=schema.Totals,
    )
    add_get(
        router,
        names.IMAGE,
        image,
        summary="See the summary image",
        response_class=Response,
        responses={**PNG, **OTHERS},
    )


def _add_countries(router: APIRouter, rows: Rows) -> None:
    def countries(
        region: Annotated[str | None, Query(description="In any case, e.g. Africa")] = None,
        currency: Annotated[str | None, Query(description="In any case, e.g. NGN")] = None,
        sort: Annotated[Sort, Query(description="Null GDPs come last")] = Sort.NAME_ASC,
    ) -> Response:
        """All countries, or those of a region or with a currency. None that fits: an empty list."""
        found = select(rows.all(), region=region, currency=currency, sort=sort)
        return JSONResponse([dialect.country(row) for row in found])

    def country(name: Name) -> Response:
        """One country."""
        found = rows.find(name)
        if found is None:
            raise HTTPException(404, COUNTRY_NOT_FOUND)
        return JSONResponse(dialect.country(found))

    add_get(
        router,
        names.COUNTRIES,
        countries,
        summary="List the countries",
        response_model=list[schema.Country],
        responses={**BAD_REQUEST, **OTHERS},
        dependencies=[Depends(_known_query)],
    )
    add_get(
        router,
        names.COUNTRY,
        country,
        summary="Look up a country",
        response_model=schema.Country,
        responses={**NO_COUNTRY, **OTHERS},
    )

    @router.delete(
        names.COUNTRY,
        summary="Delete a country",
        response_model=schema.Deleted,
        responses={**NO_COUNTRY, **OTHERS},
    )
    def delete(name: Name) -> Response:
        """The next refresh brings it back, with another id."""
        found = rows.delete(name)
        if found is None:
            raise HTTPException(404, COUNTRY_NOT_FOUND)
        return JSONResponse(dialect.deleted(found))


async def _no_body(request: Request) -> None:
    _refuse("body", body.complaints(await request.body()))


def _known_query(request: Request) -> None:
    _refuse("query", query.complaints(request.query_params.multi_items()))


def _refuse(place: str, complaints: Mapping[str, str]) -> None:
    """Answer 400 with these complaints, if there are any."""
    if complaints:
        raise RequestValidationError(
            [{"loc": (place, field), "msg": said} for field, said in complaints.items()]
        )


def _has(etag: str, if_none_match: str) -> bool:
    """Does If-None-Match name this tag? (RFC 9110, 13.1.2: compared weakly.)"""
    given = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in given or etag in given
