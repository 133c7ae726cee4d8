"""Problems over HTTP: as answers, and in the documentation of every route."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from windrow.model.allowance import Allowance, Rule
from windrow.model.expected import expected
from windrow.model.problem import (
    BROKEN,
    MEDIA_TYPE,
    NO_ROUTE,
    PHRASES,
    UNAVAILABLE,
    Problem,
    Wrong,
    exceeded,
    invalid,
    problem_of,
)
from windrow.telemetry.port import Telemetry

PREFIX = "/v1"

# An example of each, for the documentation.
EXAMPLES: Mapping[int, Problem] = {
    400: Problem(
        status=400,
        kind="malformed",
        title="The body cannot be read",
        detail="params.n: expected a finite number.",
        wrong=(Wrong("params.n", "a finite number"),),
    ),
    403: Problem(status=403, detail="The authorizer names no tenant."),
    404: Problem(
        status=404,
        kind="not-found",
        title="There is no such task",
        detail="There is no task 01KF0Q5M00E4Q8V0J8Z1X2Y3W4.",
    ),
    409: Problem(
        status=409,
        kind="already-over",
        title="The task has ended",
        detail="Task 01KF0Q5M00E4Q8V0J8Z1X2Y3W4 has succeeded; only what has not ended can be"
        " cancelled.",
    ),
    413: Problem(status=413, detail="A body has at most 262,144 bytes."),
    415: Problem(status=415, detail="A body is JSON: Content-Type must be application/json."),
    422: invalid(Wrong("priority", "at most 10")),
    429: exceeded(Allowance(Rule(6000), False, 1_075_000_000, 1_000_000_000)),
    500: BROKEN,
    503: UNAVAILABLE,
}


class Refusal(Exception):
    """Raised where a request is read: answer this problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.detail)


def is_native(path: str) -> bool:
    """Is it a path of the native API, whether or not there is a route?"""
    return path == PREFIX or path.startswith(PREFIX + "/")


def documented(*statuses: int, **more: Any) -> dict[int | str, dict[str, Any]]:
    """These problems as FastAPI's `responses`, each with an example."""
    return {status: _documented(status) for status in statuses} | more


def answered(
    request: Request, error: Exception, methods: set[str], telemetry: Telemetry
) -> JSONResponse:
    """The answer to an error of a native route; what is unexpected goes to the log."""
    problem = _problem(error, methods)
    path = request.url.path
    if problem.status == 503 and problem != UNAVAILABLE:
        telemetry.event("request.refused", path=path, problem=problem.kind)
    if problem in (UNAVAILABLE, BROKEN):
        telemetry.warning("request.failed", error=error, path=path)
    return shown(problem, path)


def shown(problem: Problem, path: str) -> JSONResponse:
    """A problem as the answer to a request of this path."""
    return JSONResponse(
        problem.body(path),
        status_code=problem.status,
        headers=dict(problem.headers),
        media_type=MEDIA_TYPE,
    )


def _problem(error: Exception, methods: set[str]) -> Problem:
    match error:
        case Refusal():
            return error.problem
        case RequestValidationError():
            return invalid(*(_wrong(detail) for detail in error.errors()))
        case HTTPException(status_code=404):
            return NO_ROUTE
        case HTTPException(status_code=405):
            allow = ", ".join(sorted(methods))
            detail = f"This path can be asked for {allow}."
            return Problem(status=405, detail=detail, headers={"Allow": allow})
        case HTTPException():
            detail = PHRASES.get(error.status_code, "Error")
            return Problem(status=error.status_code, detail=detail)
        case _:
            return problem_of(error)


def _wrong(detail: Mapping[str, Any]) -> Wrong:
    """("body", "priority") -> "priority"; a body as a whole -> "body"."""
    place, *named = (str(part) for part in detail["loc"])
    field = ".".join(named) or place
    return Wrong(field.encode("utf-8", "replace").decode()[:200], expected(detail))


def _documented(status: int) -> dict[str, Any]:
    problem = EXAMPLES[status]
    content = {
        "schema": {"$ref": "#/components/schemas/ProblemDetails"},
        "example": problem.body("/v1/tasks"),
    }
    documentation: dict[str, Any] = {
        "description": problem.title or PHRASES[status],
        "content": {MEDIA_TYPE: content},
    }
    if problem.headers:
        documentation["headers"] = {
            name: {
                "description": "Seconds to wait before another try",
                "schema": {"type": "integer"},
            }
            for name in problem.headers
        }
    return documentation
