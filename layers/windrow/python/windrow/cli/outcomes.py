"""Commands about what a task came to: result, failures."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from itertools import islice
from typing import Any

from rich.console import Console
from rich.markup import escape

from windrow.cli.shown import LONGEST_SHOWN, failure_json
from windrow.engine.engine import Engine
from windrow.engine.failures import FailedItem, failed_items
from windrow.engine.result import result as result_of
from windrow.errors import NoResult, NotFound, WindrowError
from windrow.model.records import Task
from windrow.model.ref import GROUP_SIZE, Ref
from windrow.model.states import State


def result(engine: Engine, options: Namespace, _: Console) -> int:
    """Print a result as it is, JSON and nothing else, or where to read a large one."""
    found = result_of(engine, Ref(options.tenant, options.task))
    if found.state is not State.SUCCEEDED:
        raise NoResult(options.task, found.state, found.why)
    if found.error:
        print(f"Its best-effort finish failed: {found.why}", file=sys.stderr)
    print(found.url or found.text or "null")
    return 0


def failures(engine: Engine, options: Namespace, console: Console) -> int:
    """List the items of a map that have failed or were cancelled, and why."""
    ref = Ref(options.tenant, options.task)
    task = engine.records.task(ref)
    if task is None or task.has_expired(engine.clock.now()):
        raise NotFound(options.task)
    if task.phase is None or task.phase.is_of_children:
        raise WindrowError(f"Task {options.task} is no map and has no items: see `windrow show`.")
    found = list(islice(_from(engine, task, options.start), options.limit + 1))
    shown, is_all = found[: options.limit], len(found) <= options.limit
    following = None if is_all else found[-1].number
    if options.json:
        print(json.dumps({"items": [_as_json(each) for each in shown], "next": following}))
        return 0
    for each in shown:
        console.print(escape(_line(each)), soft_wrap=True)
    if following is not None:
        console.print(f"There are more: `windrow failures {options.task} --from {following}`.")
    elif not shown:
        since = f", from item {options.start} on" if options.start else ""
        ended = "" if task.state.is_over else " of those that have ended"
        console.print(f"No item{ended} has failed or was cancelled{since}.")
    return 0


def _from(engine: Engine, task: Task, start: int) -> Iterator[FailedItem]:
    # A group holds so many items; what lies in those before need not be read.
    group: int | None = start // (GROUP_SIZE * task.chunk_size) if task.chunk_size else 0
    while group is not None:
        page = failed_items(engine, task.ref, group=group)
        yield from (each for each in page.items if each.number >= start)
        group = page.next_group


def _line(each: FailedItem) -> str:
    why = f"{each.error.kind}: {each.error.message}" if each.error else "cancelled"
    item = json.dumps(each.item, ensure_ascii=False)
    if len(item) > LONGEST_SHOWN:
        item = f"{item[:LONGEST_SHOWN]}… (cut; --json has all of it)"
    return f"{each.number}  {why}  {item}"


def _as_json(each: FailedItem) -> dict[str, Any]:
    return {"number": each.number, "item": each.item, "error": failure_json(each.error)}
