"""Seed 001's words for a task: a pure function from its record to JSON.

Times are naive UTC seconds, as the seed has them; what there is not is left out.
"""

import json
from datetime import UTC, datetime
from typing import Any

from windrow.model.records import Task
from windrow.model.shown import present
from windrow.model.states import State

WORDS = {
    State.QUEUED: "pending",
    State.RUNNING: "in_progress",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    # The seed has no word for it.
    State.CANCELLED: "failed",
}
TYPES = {"articles.extract": "article_extract"}
CANCELLED = "Cancelled"


def render(task: Task, now: datetime) -> dict[str, Any]:
    """The task as seed 001 shows it. A result that is large is its address: {"url": ...}."""
    return present(
        task_id=task.ref.task,
        type=TYPES.get(task.name, task.name),
        status=WORDS[task.state],
        result=_result(task, now),
        error=_error(task),
        created_at=_naive(task.created),
        completed_at=_naive(task.ended) if task.ended else None,
    )


def _result(task: Task, now: datetime) -> Any:
    if task.result_expires is None or task.result_expires <= now:
        return None
    if task.result_object is not None:
        return {"url": f"/v1/tasks/{task.ref.task}/result"}
    return json.loads(task.result or "null")


def _error(task: Task) -> str | None:
    if task.state is State.CANCELLED:
        return CANCELLED
    return task.error.message if task.error and task.state is State.FAILED else None


def _naive(time: datetime) -> str:
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
