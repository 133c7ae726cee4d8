"""Errors as FastAPI itself words them, for applications whose callers know those.

404  {"detail": "Task not found"}
422  {"detail": [{"type": "less_than_equal", "loc": ["body", "priority"], "msg": ...}]}
"""

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from windrow.api.idempotency import HEADER
from windrow.api.v1.problems import Refusal
from windrow.api.v1.route import StrictRoute
from windrow.model.expected import MISSING, UNKNOWN, in_full
from windrow.model.problem import BROKEN, UNAVAILABLE, Problem, Wrong, problem_of
from windrow.telemetry.port import Telemetry


class DetailRoute(StrictRoute):
    """A route that reads its request as strictly as the native ones, and errs in "detail"."""

    says = "detail"


def detailed(
    request: Request, error: Exception, methods: set[str], telemetry: Telemetry
) -> JSONResponse:
    """The answer to an error of such a route; what is unexpected goes to the log."""
    match error:
        case RequestValidationError():
            return _invalid([_shown(each) for each in error.errors()])
        case HTTPException():
            headers = dict(error.headers or {})
            if error.status_code == 405:
                headers["Allow"] = ", ".join(sorted(methods))
            return JSONResponse({"detail": error.detail}, error.status_code, headers)
        case Refusal():
            return _answered(request, error.problem)
        case _:
            problem = problem_of(error)
            if problem in (UNAVAILABLE, BROKEN):
                telemetry.warning("request.failed", error=error, path=request.url.path)
            return _answered(request, problem)


def _answered(request: Request, problem: Problem) -> JSONResponse:
    if problem.wrong:
        return _invalid([_wrong(request, each) for each in problem.wrong])
    return JSONResponse({"detail": problem.detail}, problem.status, dict(problem.headers))


def _invalid(wrong: list[dict[str, Any]]) -> JSONResponse:
    return JSONResponse({"detail": wrong}, 422)


def _shown(error: dict[str, Any]) -> dict[str, Any]:
    """As FastAPI has it, without what was sent: that may be large, or a secret."""
    said = UNKNOWN if error["type"] == "extra_forbidden" else error["msg"]
    return {"type": error["type"], "loc": list(error["loc"]), "msg": said}


def _wrong(request: Request, wrong: Wrong) -> dict[str, Any]:
    if wrong.field == HEADER:
        place = ["header", HEADER]
    elif wrong.field in request.query_params:
        place = ["query", wrong.field]
    else:
        place = ["body"] if wrong.field == "body" else ["body", *wrong.field.split(".")]
    if wrong.expected == MISSING:
        return {"type": "missing", "loc": place, "msg": "Field required"}
    kind = "extra_forbidden" if wrong.expected == UNKNOWN else "value_error"
    return {"type": kind, "loc": place, "msg": in_full(place[-1], wrong.expected)}
