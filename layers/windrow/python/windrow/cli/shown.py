"""A task's record as people read it, and as programs do."""

import json
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from windrow.engine.engine import Engine
from windrow.engine.payloads import params_of
from windrow.engine.system import SYSTEM
from windrow.errors import ObjectChanged
from windrow.model.progress import estimated_completion, percent
from windrow.model.records import Failure, Task
from windrow.model.states import State

LONGEST_SHOWN = 500


def show(task: Task, now: datetime, console: Console) -> None:
    """Print a table of what a record says; long values are folded, and longer ones cut, which is
    said with the command that has the whole.
    """
    table = Table(show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(task, now).items():
        if value not in (None, "", 0):
            # As text: what an author or a server wrote is no markup of ours.
            table.add_row(name, Text(str(value)))
    console.print(table)


def as_json(engine: Engine, task: Task) -> dict[str, Any]:
    """All that a record says. Instants are RFC 3339 in UTC; params come whole, from the bucket too.

    `params` is None where their object is gone. `result` is None where `windrow result` has a link.
    Raises ServiceError.
    """
    now = engine.clock.now()
    progress = task.progress
    has_result = task.result_expires is not None and task.result_expires > now
    return {
        "task": task.ref.task,
        "tenant": task.ref.tenant,
        "name": task.name,
        "pool": task.pool,
        "priority": task.priority,
        "state": task.state,
        "has_errors": task.has_errors,
        "phase": task.phase,
        "parent": task.parent,
        "previous": task.previous,
        "children": task.children,
        "progress": {
            "total": progress.total,
            "succeeded": progress.succeeded,
            "failed": progress.failed,
            "cancelled": progress.cancelled,
            "percent": percent(task),
            "message": task.message,
        },
        "estimated_completion": rfc3339(estimated_completion(task, now)),
        "attempts": task.attempt,
        "retries": task.failures,
        "max_retries": task.max_retries,
        "crashes": task.crashes,
        "continuations": task.continuations,
        "rounds": task.round,
        "dead_hints": task.dead,
        "error": failure_json(task.error),
        "cancel_requested": rfc3339(task.cancel_requested),
        "created": rfc3339(task.created),
        "not_before": rfc3339(task.not_before),
        "start_by": rfc3339(task.start_by),
        "started": rfc3339(task.started),
        "lease_until": rfc3339(task.lease),
        "ended": rfc3339(task.ended),
        "deadline": rfc3339(task.deadline),
        "expires": rfc3339(task.expires),
        "unique": task.unique,
        "waits_for_slot_of": task.waits_for,
        "params": _params(engine, task),
        "result": json.loads(task.result) if has_result and task.result else None,
        "result_is_large": task.result_object is not None,
        "result_expires": rfc3339(task.result_expires),
    }


def standing(task: Task) -> str:
    """How a task stands, in words."""
    if task.has_errors:
        return "succeeded with errors"
    if task.state is State.RUNNING and task.cancel_requested:
        return "running, asked to stop"
    return task.state


def failure_json(error: Failure | None) -> dict[str, str] | None:
    """A reason for programs."""
    return {"kind": error.kind, "message": error.message} if error else None


def rfc3339(instant: datetime | None) -> str | None:
    """An instant for programs: UTC, with a Z."""
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _rows(task: Task, now: datetime) -> dict[str, str | int | None]:
    return {
        "task": task.ref.task,
        "name": task.name,
        "pool": task.pool,
        "priority": task.priority,
        "state": standing(task),
        "phase": task.phase,
        "part of": task.parent,
        "follows": task.previous,
        "children": _children(task),
        "progress": _progress(task),
        "message": task.message,
        "done at about": _time(estimated_completion(task, now)),
        "attempts": task.attempt,
        "retries": _retries(task),
        "max retries": None if task.max_retries is None else str(task.max_retries),
        "dead hints": task.dead,
        "created": _time(task.created),
        "not before": _time(task.not_before) if task.not_before > task.created else None,
        "start by": _time(task.start_by),
        "started": _time(task.started),
        "lease until": _time(task.lease),
        "cancel asked": _time(task.cancel_requested),
        "ended": _time(task.ended),
        "deadline": _time(task.deadline),
        "error" if task.state.is_over else "last error": _error(task),
        "failed items": _lost(task),
        "params": _cut(task, task.params, "show --json")
        if task.params_object is None
        else f"large: `windrow show {task.ref.task} --json` has them",
        "result": _result(task, now),
    }


def _progress(task: Task) -> str | None:
    done, share = task.progress, percent(task)
    if task.phase is None or (task.name not in SYSTEM and task.phase.is_of_children):
        if not done.total:
            return str(done.succeeded) if done.succeeded else None
        return f"{done.succeeded:,} of {done.total:,} ({share} %)"
    if not done.total:
        return None
    what = "tasks" if task.name in SYSTEM else "items"
    parts = [f"{done.ended:,} of {done.total:,} {what} ({share} %)"]
    parts += [f"{done.failed:,} failed"] if done.failed else []
    parts += [f"{done.cancelled:,} cancelled"] if done.cancelled else []
    return ", ".join(parts)


def _children(task: Task) -> str | None:
    if not task.children:
        return None
    lost = f", {task.lost_children:,} of them did not succeed" if task.lost_children else ""
    return f"{task.children:,}{lost}: `windrow children {task.ref.task}` lists them"


def _retries(task: Task) -> str | None:
    parts = [f"{task.failures} after a failed attempt"] if task.failures else []
    parts += [f"{task.crashes} after a crash"] if task.crashes else []
    return ", ".join(parts) or None


def _error(task: Task) -> str | None:
    return f"{task.error.kind}: {task.error.message}" if task.error else None


def _lost(task: Task) -> str | None:
    if task.phase is None or task.phase.is_of_children or not task.progress.failed:
        return None
    return f"`windrow failures {task.ref.task}` lists them with their reasons"


def _result(task: Task, now: datetime) -> str | None:
    if task.result_expires is None:
        return None
    if task.result_expires <= now:
        return f"kept until {_time(task.result_expires)}"
    if task.result_object is not None:
        return f"large: `windrow result {task.ref.task}` has a link to it"
    return _cut(task, task.result or "", "result")


def _cut(task: Task, text: str, verb: str) -> str | None:
    if text == "{}" or len(text) <= LONGEST_SHOWN:
        return text if text != "{}" else None
    command, _, option = verb.partition(" ")
    whole = " ".join(filter(None, ["windrow", command, task.ref.task, option]))
    return f"{text[:LONGEST_SHOWN]}… (cut; all {len(text):,} characters: `{whole}`)"


def _params(engine: Engine, task: Task) -> dict[str, Any] | None:
    try:
        return params_of(engine, task)
    except ObjectChanged:
        return None


def _time(instant: datetime | None) -> str | None:
    return f"{instant:%Y-%m-%d %H:%M:%S}Z" if instant else None
