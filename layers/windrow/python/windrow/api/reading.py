"""Routes that read: each for GET and for HEAD, which FastAPI does not add by itself."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from windrow.engine.engine import Engine
from windrow.store.latest import Latest
from windrow.store.polled import Asked, Polled


class DetailPoll(APIRoute):
    """A poll whose errors hold their sentence in "detail"."""

    says = "detail"


def add_get(
    router: APIRouter, path: str, endpoint: Callable[..., Response], **documentation: Any
) -> None:
    """A route for GET, and one for HEAD that is in no documentation."""
    router.add_api_route(path, endpoint, methods=["GET"], **documentation)
    undocumented = {**documentation, "include_in_schema": False}
    router.add_api_route(path, endpoint, methods=["HEAD"], **undocumented)


def add_polled(
    router: APIRouter, engine: Engine, path: str, polled: Polled, **documentation: Any
) -> None:
    """Answer a poll here as the status function does: locally, and wherever it is routed to us.

    What the path and the query take is documented by a dependency that names it.
    """
    latest = Latest(engine.records, engine.tasks.locks, engine.clock)

    def endpoint(request: Request) -> Response:
        reply = polled.answer(_asked(latest, request))
        headers = {"cache-control": "no-store", **reply.headers}
        if reply.body is None:
            return Response(status_code=reply.status, headers=headers)
        return JSONResponse(dict(reply.body), reply.status, headers)

    endpoint.__doc__ = documentation.pop("description", polled.answer.__doc__)
    endpoint.__name__ = documentation.pop("name", "poll")
    kind = DetailPoll if polled.says == "detail" else APIRoute
    add_get(router, path, endpoint, route_class_override=kind, **documentation)


def _asked(latest: Latest, request: Request) -> Asked:
    query = request.query_params
    # Mangum passes the event of API Gateway on; a server that is none has no authorizer either.
    event = request.scope.get("aws.event") or {}
    return Asked(
        latest=latest,
        path=request.path_params,
        query={name: ",".join(query.getlist(name)) for name in query},
        headers=dict(request.headers),
        context=event.get("requestContext") or {},
    )
