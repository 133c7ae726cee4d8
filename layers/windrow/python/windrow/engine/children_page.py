"""Children page: the tasks that another one is made of, as they stand, page by page."""

from dataclasses import dataclass

from windrow.engine.engine import Engine
from windrow.model.records import Task
from windrow.model.ref import GROUP_SIZE


@dataclass(frozen=True, slots=True)
class ChildrenPage:
    """Some children in their order; `following` is the number of the next, None after the last."""

    children: tuple[Task, ...]
    following: int | None


def children_page(engine: Engine, parent: Task, *, start: int, limit: int) -> ChildrenPage:
    """At most `limit` children of a task, from a number on, each with a read of its own.

    While a parent begins its children the last one is only the last so far.
    """
    end = min(start + limit, parent.children)
    rows = [
        row
        for number in range(start - start % GROUP_SIZE, end, GROUP_SIZE)
        for row in engine.tasks.children.some(parent, number)
        if start <= row.number < end
    ]
    records = (engine.records.task(row.ref) for row in rows)
    found = tuple(record for record in records if record is not None)
    return ChildrenPage(found, end if end < parent.children else None)
