"""A task as the native API shows it: one pure rendering, on the polling path too.

Instants are RFC 3339 in UTC with milliseconds. What there is not is left out: no key is null.
"""

import json
from datetime import UTC, datetime
from typing import Any

from windrow.model.progress import estimated_completion, percent
from windrow.model.records import Chunk, Task
from windrow.model.states import State


def shown(task: Task, now: datetime) -> dict[str, Any]:
    """The JSON object of a task, without what it came to: as lists have it."""
    error = task.error
    return present(
        id=task.ref.task,
        task=task.name,
        state=str(task.state),
        phase=None if task.phase is None or task.state.is_over else str(task.phase),
        priority=task.priority,
        pool=task.pool,
        unique=task.unique,
        parent=task.parent,
        previous=task.previous,
        children=task.children or None,
        schedule=task.schedule,
        attempts=_attempts(task),
        max_retries=task.max_retries,
        created_at=instant(task.created),
        not_before=instant(task.not_before) if _waits_until_then(task) else None,
        start_by=instant(task.start_by) if task.start_by else None,
        started_at=instant(task.started) if task.started else None,
        ended_at=instant(task.ended) if task.ended else None,
        deadline_at=instant(task.deadline),
        expires_at=instant(task.expires) if task.expires else None,
        result_expires_at=instant(task.result_expires) if task.result_expires else None,
        cancel_requested_at=instant(task.cancel_requested) if task.cancel_requested else None,
        progress=_progress(task, now),
        has_errors=task.has_errors or None,
        error={"kind": error.kind, "message": error.message} if error else None,
    )


def shown_whole(task: Task, now: datetime) -> dict[str, Any]:
    """The same with its result as long as that is kept, or where to read a large one."""
    whole = shown(task, now)
    if task.result_expires is None or task.result_expires <= now:
        return whole
    if task.result_object is not None:
        return whole | {"result_url": f"/v1/tasks/{task.ref.task}/result"}
    # A task may well answer null, and then it is there.
    return whole | {"result": json.loads(task.result or "null")}


def shown_chunk(chunk: Chunk) -> dict[str, Any]:
    """The JSON object of a chunk of a map."""
    done, error = chunk.progress, chunk.error
    return present(
        number=chunk.ref.chunk,
        state=str(chunk.state),
        first_item=chunk.first,
        items=chunk.count,
        attempts=chunk.attempt,
        succeeded=done.succeeded or None,
        failed=done.failed or None,
        cancelled=done.cancelled or None,
        started_at=instant(chunk.started) if chunk.started else None,
        ended_at=instant(chunk.ended) if chunk.ended else None,
        error={"kind": error.kind, "message": error.message} if error else None,
    )


def present(**fields: Any) -> dict[str, Any]:
    """The fields that there are."""
    return {name: value for name, value in fields.items() if value is not None}


def instant(moment: datetime) -> str:
    """2026-01-15T10:30:00.000Z"""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _attempts(task: Task) -> int:
    """How often a task was started; what has several phases is started for each, and tried once."""
    if task.phase is None:
        return task.attempt
    return min(task.attempt, 1 + task.failures + task.crashes)


def _waits_until_then(task: Task) -> bool:
    """Does its earliest start say something: of its first start, or of the attempt it waits for?"""
    if task.not_before <= task.created:
        return False
    if task.started is None or task.not_before <= task.started:
        return True
    return task.state is State.QUEUED and task.phase is None


def _progress(task: Task, now: datetime) -> dict[str, Any] | None:
    progress = task.progress
    done = estimated_completion(task, now)
    return (
        present(
            percent=percent(task),
            total=progress.total or None,
            succeeded=progress.succeeded or None,
            failed=progress.failed or None,
            cancelled=progress.cancelled or None,
            message=task.message,
            estimated_completion_at=instant(done) if done else None,
        )
        or None
    )
