"""What the answers of the examples' routes share."""

from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from tasks.examples import names, schema
from windrow.api.idempotency import replayed
from windrow.engine.engine import Engine
from windrow.engine.submit import Submission
from windrow.model.estimate import retry_after

BAD_REQUEST: Mapping[int | str, dict[str, Any]] = {
    400: {"model": schema.Invalid, "description": "The request is not as described here"}
}
NOT_FOUND: Mapping[int | str, dict[str, Any]] = {
    404: {"model": schema.Problem, "description": "There is none"}
}
KEY_REUSED: Mapping[int | str, dict[str, Any]] = {
    422: {"model": schema.Problem, "description": "The key came with another request before"}
}
# FastAPI would document an answer 422 that is never given.
OTHERS: Mapping[int | str, dict[str, Any]] = {
    "default": {"model": schema.Problem, "description": "Any other error"}
}


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """What a route that starts tasks says of its answers."""
    return {"response_model": model, "responses": {**BAD_REQUEST, **KEY_REUSED, **OTHERS}}


def started(
    engine: Engine,
    submission: Submission,
    message: str,
    *,
    poll: str = names.TASK_STATUS,
    **more: Any,
) -> JSONResponse:
    """The answer to who has started a task: where it is polled, and when that is worth while."""
    task = submission.task
    return JSONResponse(
        {"message": message, "task_id": task.ref.task, **more},
        headers={
            "Location": names.of(poll, task.ref.task),
            "Retry-After": str(retry_after(task, engine.clock.now())),
            **replayed(submission),
        },
    )
