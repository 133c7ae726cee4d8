"""Errors as JSON: {"error": ..., "details": ...}, never a stack trace.

So for the routes of the applications, but for those whose callers know FastAPI's own words
(api/detailed); the native API under /v1 answers problems (api/v1/problems).

404  {"error": "Not found"}                       no such route, or the route's own sentence
405  {"error": "Method not allowed"}
400  {"error": "Validation failed", "details": {"<field>": "<what was expected>"}}
403  {"error": "The authorizer names ..."}        a tenant that cannot be one
404  {"error": "There is no task ..."}           its id is unknown, or its record has expired
409  {"error": "Task ... has succeeded; ..."}    it is too late to cancel it
409  {"error": "Task ... cannot begin again: ..."}  it succeeded, or its items are not kept
409  {"error": "The unique key ... is held ..."}  by another task, so this one cannot begin again
409  {"error": "There is a schedule ..."}        another one of the same id or key
409  {"error": "... schedules ..."}              as many as a tenant may have
413  {"error": "The params came to ..."}          more than Windrow keeps
422  {"error": "Key ... was used before, ..."}    with another task, params or options
429  {"error": "At most ... requests in ..."}     with Retry-After: the tenant's quota is used up
503  {"error": "Service unavailable"}             with Retry-After: AWS did not answer
503  {"error": "Pool ... is draining: ..."}       with Retry-After; nothing is stored
500  {"error": "Internal server error"}
"""

from collections.abc import Awaitable, Callable, Mapping
from math import ceil
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from windrow.api.detailed import detailed
from windrow.api.v1 import problems
from windrow.errors import (
    AlreadyOver,
    Draining,
    InvalidOption,
    InvalidParams,
    KeyReused,
    NotFound,
    NothingToRetry,
    NotQueued,
    ScheduleExists,
    TooLarge,
    TooManySchedules,
    UniqueKeyHeld,
    UnknownTenant,
    WindrowError,
)
from windrow.model.expected import UNKNOWN, in_full
from windrow.model.problem import Problem
from windrow.telemetry.port import Telemetry

type Handler = Callable[[Request, Exception], Awaitable[JSONResponse]]

RETRY_AFTER = {"Retry-After": "2"}
# Errors whose own sentence is the answer: it names nothing that the caller did not send.
STATUSES: Mapping[type[WindrowError], int] = {
    UnknownTenant: 403,
    NotFound: 404,
    AlreadyOver: 409,
    NothingToRetry: 409,
    UniqueKeyHeld: 409,
    NotQueued: 409,
    ScheduleExists: 409,
    TooManySchedules: 409,
    TooLarge: 413,
    KeyReused: 422,
}


def install(app: FastAPI, telemetry: Telemetry) -> None:
    """Answer every error of an application in its documented shape."""

    async def refused(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(sorted(methods(app, request.url.path)))
        return _answer(error.status_code, {"error": _sentence(error)}, headers)

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        # An application's own errors have no type.
        details = {
            _field(each["loc"]): UNKNOWN if each.get("type") == "extra_forbidden" else each["msg"]
            for each in error.errors()
        }
        return validation_failed(details)

    async def invalid_params(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, InvalidParams)
        return validation_failed(
            {field: in_full(field, said) for field, said in error.details.items()}
        )

    async def invalid_option(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, InvalidOption)
        return validation_failed({error.option: f"must be {error.expected}"})

    async def failed(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, WindrowError)
        for kind, status in STATUSES.items():
            if isinstance(error, kind):
                return _answer(status, {"error": str(error)})
        if isinstance(error, Draining):
            seconds = ceil(error.retry_after.total_seconds())
            telemetry.event("request.refused", path=request.url.path, pool=error.pool)
            return _answer(503, {"error": str(error)}, {"Retry-After": str(seconds)})
        telemetry.warning("request.failed", error=error, path=request.url.path)
        if error.retryable:
            return _answer(503, {"error": "Service unavailable"}, RETRY_AFTER)
        return _answer(500, {"error": "Internal server error"})

    async def unread(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, problems.Refusal)
        problem = error.problem
        if problem.wrong:
            return validation_failed(
                {each.field: in_full(each.field, each.expected) for each in problem.wrong}
            )
        return _answer(problem.status, {"error": problem.detail}, problem.headers)

    async def broken(request: Request, error: Exception) -> JSONResponse:
        telemetry.warning("request.failed", error=error, path=request.url.path)
        return _answer(500, {"error": "Internal server error"})

    def by_path(own: Handler) -> Handler:
        """The same, but for the native API, and for routes that say "detail"."""

        async def handle(request: Request, error: Exception) -> JSONResponse:
            path = request.url.path
            if problems.is_native(path):
                return problems.answered(request, error, methods(app, path), telemetry)
            if says(app, path) == "detail":
                return detailed(request, error, methods(app, path), telemetry)
            return await own(request, error)

        return handle

    app.add_exception_handler(HTTPException, by_path(refused))
    app.add_exception_handler(RequestValidationError, by_path(invalid))
    app.add_exception_handler(InvalidParams, by_path(invalid_params))
    app.add_exception_handler(InvalidOption, by_path(invalid_option))
    app.add_exception_handler(problems.Refusal, by_path(unread))
    app.add_exception_handler(WindrowError, by_path(failed))
    app.add_exception_handler(Exception, by_path(broken))


def validation_failed(details: dict[str, str]) -> JSONResponse:
    """The 400 that names each wrong field with what was expected of it."""
    return _answer(400, {"error": "Validation failed", "details": details})


def refused(app: FastAPI, path: str, problem: Problem) -> JSONResponse:
    """The answer to a request that no route is to see, as the callers of its path know errors."""
    if problems.is_native(path):
        return problems.shown(problem, path)
    return _answer(problem.status, {says(app, path): problem.detail}, problem.headers)


def _answer(status: int, body: dict[str, Any], headers: Any = None) -> JSONResponse:
    return JSONResponse(body, status_code=status, headers=dict(headers or {}))


def methods(app: FastAPI, path: str) -> set[str]:
    """What a path can be asked for: the router names only the first route that it meets."""
    found = {
        method
        for route in app.state.routes
        if route.path_regex.match(path)
        for method in route.methods
    }
    if found and problems.is_native(path):
        found |= {"HEAD", "OPTIONS"} if "GET" in found else {"OPTIONS"}
    return found


def says(app: FastAPI, path: str) -> str:
    """The member that holds the sentence of an error at this path."""
    found = (route for route in app.state.routes if route.path_regex.match(path))
    return str(getattr(next(found, None), "says", "error"))


def _sentence(error: HTTPException) -> str:
    standard = {404: "Not found", 405: "Method not allowed"}
    # Starlette's own 404 and 405 carry the HTTP phrase; a route's carry a sentence of their own.
    phrase = {404: "Not Found", 405: "Method Not Allowed"}.get(error.status_code)
    if error.detail == phrase:
        return standard[error.status_code]
    return str(error.detail)


def _field(location: tuple[Any, ...]) -> str:
    """("query", "sort") -> "sort"; an error of the body as a whole -> "body"."""
    named = [str(part) for part in location[1:]] or [str(location[0])]
    return ".".join(named)
