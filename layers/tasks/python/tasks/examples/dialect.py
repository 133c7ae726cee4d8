"""Seed 002's words for what the engine holds: pure functions from records to JSON.

Times are naive UTC seconds. The keys and their order are the seed's.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tasks.examples.analytics import Analytics, Throughput
from tasks.examples.names import CALCULATION
from tasks.examples.times import naive
from windrow.model.estimate import USUAL
from windrow.model.modes import Modes
from windrow.model.progress import estimated_completion, percent
from windrow.model.records import Task
from windrow.model.states import State

type Json = dict[str, Any]

WORDS: Mapping[State, str] = {
    State.QUEUED: "pending",
    State.RUNNING: "running",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled",
}
HOUR = timedelta(hours=1)
STARTING = "Starting..."
UNKNOWN = "Unknown"
TASK_NOT_FOUND = "Task not found"
RESULT_NOT_FOUND = "Result not found or expired"


def status(task: Task, now: datetime) -> Json:
    """How a task stands, and what it came to: its result, or why it failed in a sentence."""
    return {
        "task_id": task.ref.task,
        "status": WORDS[task.state],
        "result": _came_to(task, now),
    }


def progress(task: Task, now: datetime) -> Json:
    """How far a task is. `estimated_completion` is null while nobody can know it."""
    done = estimated_completion(task, now)
    return {
        "task_id": task.ref.task,
        "progress_percent": percent(task) or 0,
        "current_step": _step(task),
        "status": WORDS[task.state],
        "started_at": naive(task.started) if task.started else None,
        "estimated_completion": naive(done) if done else None,
    }


def calculation(task: Task | None, now: datetime) -> Json | None:
    """The stored result of a calculation; None while there is none, and when its time is over."""
    if task is None or task.name != CALCULATION or not _is_kept(task, now):
        return None
    return {"task_id": task.ref.task, "result": stored(task, now), "retrieved_at": naive(now)}


def stored(task: Task, now: datetime) -> Any:
    """A task's result as long as it is kept; {"url": ...} of a large one."""
    if not _is_kept(task, now):
        return None
    if task.result_object is not None:
        return {"url": f"/v1/tasks/{task.ref.task}/result"}
    return json.loads(task.result or "null")


def active(tasks: Sequence[Task], total: int, now: datetime) -> Json:
    """The tasks that have not ended: what each is, and how far."""
    return {"active_tasks": [_listed(task, now) for task in tasks], "total_count": total}


def shutdown(modes: Modes, pools: Iterable[str], active_tasks: int) -> Json:
    """What is accepted still, and whether an operator has begun to stop it: pool by pool."""
    accepts = [modes.of(pool).mode.accepts for pool in pools]
    return {
        "accepting_new_tasks": any(accepts),
        "active_tasks": active_tasks,
        "shutdown_initiated": not all(accepts),
    }


def analytics(figures: Analytics) -> Json:
    """What became of all tasks."""
    return {
        "total_tasks_executed": figures.executed,
        "successful_tasks": figures.succeeded,
        "failed_tasks": figures.failed,
        "average_execution_time": f"{figures.took.total_seconds():.2f}s",
        "current_queue_size": figures.queued,
        "peak_concurrent_tasks": figures.peak,
        "uptime": f"{figures.uptime / HOUR:.1f} hours",
    }


def performance(cpu: float, memory: float, workers: int, lately: Throughput) -> Json:
    """How busy the function's machine is, the megabytes it holds, and what workers get done."""
    return {
        "cpu_usage": cpu,
        "memory_usage": memory,
        "active_workers": workers,
        "tasks_per_second": lately.per_second,
        "error_rate": f"{lately.failed_percent:.2f}%",
    }


def duration(usual: timedelta | None) -> str:
    """How long a task of this type takes, in the seed's words: between two whole seconds."""
    seconds = int((usual or USUAL).total_seconds())
    return f"{seconds}-{seconds + 1} seconds"


def _listed(task: Task, now: datetime) -> Json:
    said = progress(task, now)
    return {
        "task_id": said.pop("task_id"),
        "task_name": task.name,
        "priority": task.priority,
        "created_at": naive(task.created),
        **said,
    }


def _came_to(task: Task, now: datetime) -> Any:
    if task.state is State.FAILED and task.error is not None:
        return f"{task.error.kind}: {task.error.message}"
    return stored(task, now)


def _is_kept(task: Task, now: datetime) -> bool:
    return task.result_expires is not None and task.result_expires > now


def _step(task: Task) -> str:
    if task.message is not None:
        return task.message
    return UNKNOWN if task.state.is_over or task.progress.ended else STARTING
