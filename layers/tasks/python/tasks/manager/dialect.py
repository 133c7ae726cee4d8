"""Seed 004's words for a task: a pure function from its record to JSON.

Times are naive UTC seconds, as the seed has them; every key is there, null where there is nothing.
"""

import json
from datetime import UTC, datetime
from typing import Any

from tasks.manager.names import is_typed, task_name, task_type
from windrow.model.records import Task
from windrow.model.states import State

WORDS = {
    State.QUEUED: "pending",
    State.RUNNING: "running",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled",
}
STATES = {word: state for state, word in WORDS.items()}
# What the policy of every task of the four types says, as the seed's own default does. A poll reads
# the record alone, which holds no policy; a test compares this with the declarations.
RETRIES = 3


def render(task: Task, now: datetime) -> dict[str, Any]:
    """The task as seed 004 shows it, its thirteen keys in their order.

    params  null where they are so large that the record does not hold them
    max_retries  as its submission said, else 3; null for a task of none of the seed's types, whose
                 own policy counts
    result  null until there is one, and when it is not kept any more; {"url": ...} of a large one
    """
    return {
        "task_id": task.ref.task,
        "task_name": task_name(task.name),
        "task_type": task_type(task.name),
        "priority": task.priority,
        "status": WORDS[task.state],
        "params": None if task.params_object else json.loads(task.params),
        "result": _result(task, now),
        "error_message": task.error.message if task.error else None,
        "retry_count": task.failures,
        "max_retries": _max_retries(task),
        "created_at": _naive(task.created),
        "started_at": _naive(task.started),
        "completed_at": _naive(task.ended),
    }


def _max_retries(task: Task) -> int | None:
    if task.max_retries is None and is_typed(task.name):
        return RETRIES
    return task.max_retries


def _result(task: Task, now: datetime) -> Any:
    if task.result_expires is None or task.result_expires <= now:
        return None
    if task.result_object is not None:
        return {"url": f"/v1/tasks/{task.ref.task}/result"}
    return json.loads(task.result or "null")


def _naive(time: datetime | None) -> str | None:
    if time is None:
        return None
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
