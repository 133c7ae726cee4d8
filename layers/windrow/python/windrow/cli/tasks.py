"""Commands about one task: submit, show, cancel, retry, reprioritize."""

from argparse import Namespace
from datetime import datetime

from rich.console import Console
from rich.table import Table

from windrow.engine.cancel import cancel as cancel_task
from windrow.engine.engine import Engine
from windrow.engine.reprioritize import reprioritize as reprioritize_task
from windrow.engine.retry_again import retry_again
from windrow.engine.submit import submit as submit_task
from windrow.errors import NotFound
from windrow.model.records import Task
from windrow.model.ref import Ref

LONGEST_SHOWN = 500


def submit(engine: Engine, options: Namespace, console: Console) -> int:
    """Submit a task, and say its id."""
    submission = submit_task(
        engine,
        options.name,
        options.params,
        tenant=options.tenant,
        key=options.key,
        delay=options.delay,
        start_within=options.start_within,
        priority=options.priority,
    )
    console.print(submission.task.ref.task)
    if not submission.is_new:
        console.print(f"It was there already, and is {submission.task.state}.")
    return 0


def show(engine: Engine, options: Namespace, console: Console) -> int:
    """Show a task's record."""
    task = engine.records.task(Ref(options.tenant, options.task))
    if task is None or task.has_expired(engine.clock.now()):
        raise NotFound(options.task)
    _show(task, console)
    return 0


def cancel(engine: Engine, options: Namespace, console: Console) -> int:
    """Cancel a task, and show what became of it."""
    _show(cancel_task(engine, Ref(options.tenant, options.task)), console)
    return 0


def retry(engine: Engine, options: Namespace, console: Console) -> int:
    """Let a task that failed or was cancelled begin again, and show it."""
    ref = Ref(options.tenant, options.task)
    _show(retry_again(engine, ref, failed_items_only=options.failed_items), console)
    return 0


def reprioritize(engine: Engine, options: Namespace, console: Console) -> int:
    """Give a waiting task another priority, and show it."""
    ref = Ref(options.tenant, options.task)
    _show(reprioritize_task(engine, ref, options.priority), console)
    return 0


def _show(task: Task, console: Console) -> None:
    table = Table(show_header=False)
    table.add_column(style="bold")
    table.add_column()
    for name, value in _rows(task).items():
        if value not in (None, "", 0):
            table.add_row(name, value[:LONGEST_SHOWN] if isinstance(value, str) else str(value))
    console.print(table)


def _rows(task: Task) -> dict[str, str | int | None]:
    progress = task.progress
    return {
        "task": task.ref.task,
        "name": task.name,
        "pool": task.pool,
        "priority": task.priority,
        "state": task.state,
        "phase": task.phase,
        "attempt": task.attempt,
        "failures": task.failures,
        "crashes": task.crashes,
        "dead hints": task.dead,
        "created": _time(task.created),
        "not before": _time(task.not_before) if task.not_before > task.created else None,
        "start by": _time(task.start_by),
        "started": _time(task.started),
        "lease until": _time(task.lease),
        "cancel asked": _time(task.cancel_requested),
        "ended": _time(task.ended),
        "deadline": _time(task.deadline),
        "items": f"{progress.ended} of {progress.total}, {progress.failed} failed"
        if progress.total
        else None,
        "error": f"{task.error.kind}: {task.error.message}" if task.error else None,
        "params": task.params if task.params != "{}" else None,
        "result": task.result,
    }


def _time(instant: datetime | None) -> str | None:
    return f"{instant:%Y-%m-%d %H:%M:%S}Z" if instant else None
