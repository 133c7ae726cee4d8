"""What is done to one task: cancel it, let it begin again, give it another priority."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from windrow.api.v1.ids import TaskRef
from windrow.api.v1.problems import documented
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import Body, Task
from windrow.engine.cancel import cancel
from windrow.engine.engine import Engine
from windrow.engine.reprioritize import reprioritize
from windrow.engine.retry_again import retry_again
from windrow.model import records
from windrow.model.estimate import retry_after
from windrow.model.shown import shown

CANCELLED: dict[int | str, dict[str, Any]] = {
    200: {"description": "It waited, and is cancelled"},
    202: {"description": "It runs, and was asked to stop", "model": Task},
}
AGAIN: dict[int | str, dict[str, Any]] = {
    202: {"description": "It is queued; what has not ended is left as it is"}
}


class Change(Body):
    """What is to be another."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"priority": 10}]})

    priority: int = Field(description="10 goes first", ge=1, le=10)


def router(engine: Engine) -> APIRouter:
    """The routes of what is done to a task."""
    made = native_router("tasks")

    @made.post(
        "/{task_id}/cancel",
        summary="Cancel a task",
        response_model=Task,
        responses=CANCELLED | documented(404, 409),
    )
    def cancel_task(ref: TaskRef) -> JSONResponse:
        """What waits is cancelled at once. What runs is asked to stop: it ends as cancelled when it
        next reports or would be tried again, and as succeeded if it succeeds before.

        A second time changes nothing. What has succeeded or failed is 409.
        """
        task = cancel(engine, ref)
        return _told(engine, task, 200 if task.state.is_over else 202)

    @made.post(
        "/{task_id}/retry",
        status_code=202,
        summary="Let a task begin again",
        response_model=Task,
        responses=AGAIN | documented(404, 409),
    )
    def retry_task(
        ref: TaskRef,
        failed_items_only: Annotated[
            bool, Query(description="Of a map that succeeded with errors, too: only what failed")
        ] = False,
    ) -> JSONResponse:
        """What failed or was cancelled is queued again, with whole budgets and a new deadline.

        A map does again every item that has not succeeded, and no other. What has not ended is left
        as it is, so a second request changes nothing.
        """
        return _told(engine, retry_again(engine, ref, failed_items_only=failed_items_only), 202)

    @made.patch(
        "/{task_id}",
        summary="Change the priority of a task",
        response_model=Task,
        responses=documented(404, 409),
    )
    def change_task(ref: TaskRef, change: Change) -> JSONResponse:
        """A task that waits keeps its age and takes its new place. What runs or is over is 409."""
        return _told(engine, reprioritize(engine, ref, change.priority), 200)

    return made


def _told(engine: Engine, task: records.Task, status: int) -> JSONResponse:
    """The task, and where and when to poll it while it is not over."""
    now = engine.clock.now()
    headers = {}
    if not task.state.is_over:
        headers = {
            "Location": f"/v1/tasks/{task.ref.task}",
            "Retry-After": str(retry_after(task, now)),
        }
    return JSONResponse(shown(task, now), status_code=status, headers=headers)
