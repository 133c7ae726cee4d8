"""Seed 001's words for a task: a pure function from a record to JSON.

Keys without a value are left out, and times are naive UTC seconds, as in all of its examples.
"""

import json
from datetime import UTC, datetime
from typing import Any, assert_never

from tasks.articles.names import TASK, TYPE
from windrow.model.records import Task
from windrow.model.states import State

type Json = dict[str, Any]

CANCELLED = "Cancelled"
# Failures whose own sentence is for the user. Others may name tables and keys: the log has those.
TOLD = frozenset({"NotFetched", "NotFetchedYet", "NotUsable", "Crashed", "DeadlinePassed"})


def render(task: Task, now: datetime) -> Json:
    """One task as the seed shows it: pending, in_progress, completed or failed."""
    shown = {
        "task_id": task.ref.task,
        "type": TYPE if task.name == TASK else task.name,
        "status": _word(task.state),
        "result": _result(task, now),
        "error": _error(task),
        "created_at": _naive(task.created),
        "completed_at": _naive(task.ended) if task.ended else None,
    }
    return {key: value for key, value in shown.items() if value is not None}


def _word(state: State) -> str:
    match state:
        case State.QUEUED:
            return "pending"
        case State.RUNNING:
            return "in_progress"
        case State.SUCCEEDED:
            return "completed"
        case State.FAILED | State.CANCELLED:
            return "failed"
        case _:
            assert_never(state)


def _result(task: Task, now: datetime) -> Any:
    """What a completed task came to, or where it is if it is large; None once it is not kept."""
    if task.result_expires is None or task.result_expires <= now:
        return None
    if task.result_object is not None:
        return {"url": f"/v1/tasks/{task.ref.task}/result"}
    return json.loads(task.result or "null")


def _error(task: Task) -> str | None:
    if task.state is State.CANCELLED:
        return CANCELLED
    if task.state is not State.FAILED:
        return None
    if task.error is None:
        return "Extraction failed"
    # Another application's own errors are its own words.
    if task.error.kind in TOLD or task.name != TASK:
        return task.error.message
    return f"Extraction failed ({task.error.kind})"


def _naive(time: datetime) -> str:
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
