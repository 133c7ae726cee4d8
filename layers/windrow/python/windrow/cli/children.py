"""The command that lists the tasks that another one is made of: children."""

import json
from argparse import Namespace

from rich.console import Console
from rich.markup import escape

from windrow.cli.shown import LONGEST_SHOWN, failure_json, standing
from windrow.engine.children_page import children_page
from windrow.engine.engine import Engine
from windrow.errors import NotFound
from windrow.model.records import Task
from windrow.model.ref import Ref


def children(engine: Engine, options: Namespace, console: Console) -> int:
    """List the tasks of a group or a chain, or those that a task submitted, as they stand."""
    parent = engine.records.task(Ref(options.tenant, options.task))
    if parent is None or parent.has_expired(engine.clock.now()):
        raise NotFound(options.task)
    page = children_page(engine, parent, start=options.start, limit=options.limit)
    if options.json:
        shown = [_as_json(child) for child in page.children]
        print(json.dumps({"children": shown, "next": page.following}))
        return 0
    for child in page.children:
        console.print(escape(_line(child)), soft_wrap=True)
    if page.following is not None:
        console.print(f"There are more: `windrow children {options.task} --from {page.following}`.")
    elif not page.children:
        console.print(f"It has no children{f' from {options.start} on' if options.start else ''}.")
    return 0


def _line(child: Task) -> str:
    why = f"  {child.error.kind}: {child.error.message[:LONGEST_SHOWN]}" if child.error else ""
    return f"{child.number}  {child.ref.task}  {child.name}  {standing(child)}{why}"


def _as_json(child: Task) -> dict[str, object]:
    return {
        "number": child.number,
        "task": child.ref.task,
        "name": child.name,
        "state": child.state,
        "error": failure_json(child.error),
    }
