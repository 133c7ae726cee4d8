"""What all native routes share: strict bodies, known query parameters, documented errors.

FastAPI would take a body of any content type for bytes, and the last of two names for the value.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from windrow.api.v1.problems import Refusal, documented
from windrow.api.v1.strict import LARGEST, Malformed, parsed
from windrow.model.expected import UNKNOWN
from windrow.model.problem import Problem, Wrong, invalid

# What any request may be answered, beside its own answers.
COMMON = (400, 403, 413, 415, 422, 429, 500, 503)


def native_router(noun: str) -> APIRouter:
    """A router for `/v1/<noun>`."""
    return APIRouter(
        prefix=f"/v1/{noun}",
        tags=[noun],
        route_class=StrictRoute,
        responses=documented(*COMMON),
        # What a generated client calls it.
        generate_unique_id_function=lambda route: route.name,
    )


class StrictRoute(APIRoute):
    """A route that reads its request before FastAPI does, and refuses what it does not know."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        known = _query(self.dependant)
        takes_body = self.body_field is not None

        async def strictly(request: Request) -> Response:
            _check_query(request, known)
            if request.method not in ("GET", "HEAD"):
                await _read_body(request, takes_body=takes_body)
            return await handle(request)

        return strictly


def _query(dependant: Dependant) -> frozenset[str]:
    """The query parameters of a route, and of what it depends on."""
    own = {field.alias for field in dependant.query_params}
    return frozenset(own.union(*(_query(each) for each in dependant.dependencies)))


def _check_query(request: Request, known: frozenset[str]) -> None:
    given = [name for name, _ in request.query_params.multi_items()]
    wrong = [
        Wrong(_shown(name), "no parameter of this name") for name in given if name not in known
    ]
    wrong += [Wrong(name, "given only once") for name in known if given.count(name) > 1]
    if wrong:
        raise Refusal(invalid(*wrong))


async def _read_body(request: Request, *, takes_body: bool) -> None:
    """Read a body once, strictly, and leave the value where FastAPI looks for it."""
    raw = await request.body()
    if len(raw) > LARGEST:
        raise Refusal(Problem(status=413, detail=f"A body has at most {LARGEST:,} bytes."))
    if not raw:
        return
    if not _is_json(request.headers.get("content-type", "")):
        raise Refusal(
            Problem(
                status=415,
                detail="A body is JSON: Content-Type must be application/json.",
                headers={"Accept": "application/json"},
            )
        )
    try:
        value = parsed(raw)
    except Malformed as error:
        raise Refusal(malformed(error.wrong)) from None
    if not takes_body and value != {}:
        raise Refusal(invalid(*_unknown(value)))
    # Where starlette keeps what Request.json() has read.
    request._json = value


def malformed(wrong: Wrong) -> Problem:
    """A body that is no JSON, or none that everybody reads alike."""
    return Problem(
        status=400,
        kind="malformed",
        title="The body cannot be read",
        detail=f"{wrong.field}: expected {wrong.expected}.",
        wrong=(wrong,),
    )


def _unknown(value: Any) -> list[Wrong]:
    if not isinstance(value, dict):
        return [Wrong("body", "no body, or {}")]
    return [Wrong(_shown(name), UNKNOWN) for name in value]


def _is_json(content_type: str) -> bool:
    kind, _, rest = content_type.partition(";")
    charset = rest.strip().lower().replace('"', "")
    return kind.strip().lower() == "application/json" and charset in ("", "charset=utf-8")


def _shown(name: str) -> str:
    """A name as it can be sent back, whatever it is."""
    return name.encode("utf-8", "replace").decode()[:200]
