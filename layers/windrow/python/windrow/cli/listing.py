"""Commands about many tasks: list, and retry of all that failed."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from rich.console import Console

from windrow.cli import tasks
from windrow.cli.shown import standing
from windrow.engine.engine import Engine
from windrow.engine.list_tasks import MOST, list_tasks
from windrow.engine.retry_again import retry_again
from windrow.errors import NotFound, NothingToRetry, UniqueKeyHeld, UnknownTask, WindrowError
from windrow.model import shown
from windrow.model.filters import Filters
from windrow.model.progress import percent
from windrow.model.records import Task
from windrow.model.states import State

# What stands in the way of one task and says nothing of the others.
SKIPPED = (NothingToRetry, NotFound, UniqueKeyHeld, UnknownTask)
LOOK_EVERY = timedelta(seconds=2)
FAILED = frozenset({State.FAILED})


class WhichTask(WindrowError):
    """A retry named one task and all of them, or neither."""

    def __init__(self) -> None:
        super().__init__("Name one task, or --failed for all that failed and meet the filters.")


def list_all(engine: Engine, options: Namespace, console: Console) -> int:
    """List tasks, the newest first; they are read page by page until as many as asked for.

    With --watch again and again, until somebody interrupts it.
    """
    if not options.watch:
        return _list(engine, options, console)
    while True:
        console.clear()
        _list(engine, options, console)
        engine.clock.sleep(LOOK_EVERY)


def _list(engine: Engine, options: Namespace, console: Console) -> int:
    found = list(islice(_chosen(engine, options), options.limit + 1))
    listed, is_all = found[: options.limit], len(found) <= options.limit
    if options.json:
        now = engine.clock.now()
        for task in listed:
            print(json.dumps(shown.shown(task, now)))
        return 0
    for task in listed:
        # No markup: the name of a task may hold brackets.
        ran = f"  {running_for(task, engine.clock.now())}" if options.longest else ""
        console.print(_line(task) + ran, markup=False, soft_wrap=True)
    if not listed:
        console.print("No task meets these filters.")
    elif not is_all:
        console.print("There are more: ask for them with --limit, or for fewer with a filter.")
    return 0


def _chosen(engine: Engine, options: Namespace) -> Iterator[Task]:
    """The newest first, or of what runs that which began first."""
    if not options.longest:
        return _found(engine, options, options.state)
    running = _found(engine, options, frozenset({State.RUNNING}))
    return iter(sorted(running, key=lambda task: task.started or task.created))


def running_for(task: Task, now: datetime) -> str:
    """Since its first start, in whole seconds."""
    return f"for {int((now - (task.started or now)).total_seconds()):,} s"


def retry_all(engine: Engine, options: Namespace, console: Console) -> int:
    """Let one task begin again, or all that failed and meet the filters."""
    if (options.task is None) != options.failed:
        raise WhichTask
    if options.task is not None:
        return tasks.retry(engine, options, console)
    begun = left = 0
    for task in _found(engine, options, FAILED):
        if options.dry_run:
            console.print(_line(task), markup=False, soft_wrap=True)
            begun += 1
            continue
        try:
            retry_again(engine, task.ref)
        except SKIPPED as error:
            left += 1
            print(error, file=sys.stderr)
            continue
        begun += 1
        console.print(task.ref.task)
    would = "would begin" if options.dry_run else "began"
    console.print(f"{begun:,} {would} again{f', {left:,} cannot' if left else ''}.")
    return 1 if left else 0


def _found(engine: Engine, options: Namespace, states: frozenset[State] | None) -> Iterator[Task]:
    now = engine.clock.now()
    filters = Filters(
        names=frozenset(options.type.split(",") if options.type else ()),
        states=states or frozenset(),
        priority=options.priority,
        error=options.error,
        parent=options.parent,
        schedule=options.schedule,
        created_after=_instant(options.after, now),
        created_before=_instant(options.before, now),
    )
    cursor: str | None = None
    while True:
        page = list_tasks(engine, filters, tenant=options.tenant, limit=MOST, cursor=cursor)
        yield from page.tasks
        if page.cursor is None:
            return
        cursor = page.cursor


def _instant(moment: timedelta | datetime | None, now: datetime) -> datetime | None:
    return now - moment if isinstance(moment, timedelta) else moment


def _line(task: Task) -> str:
    share = percent(task) if task.state is State.RUNNING else None
    stands = standing(task) + (f", {share} %" if share is not None else "")
    why = f"  {task.error.kind}" if task.error else ""
    created = f"{task.created:%Y-%m-%d %H:%M:%S}Z"
    return f"{task.ref.task}  {created}  {task.priority:>2}  {stands:<22}  {task.name}{why}"
