"""List: tasks found again by what they are and how they stand, newest first, page by page."""

from dataclasses import dataclass

from windrow.engine.engine import Engine
from windrow.errors import InvalidOption
from windrow.model.filters import Filters
from windrow.model.records import Task
from windrow.model.ref import DEFAULT_TENANT, Ref
from windrow.store import many
from windrow.store.items import from_encoded
from windrow.store.listing import Listed, ListIndex

LIMIT = 20
MOST = many.AT_ONCE
ALL = Filters()


@dataclass(frozen=True, slots=True)
class Page:
    """Tasks as they stand, newest first; `cursor` leads to the next page, None after the last.

    A page may hold fewer tasks than were asked for, even none, and have a next one all the same:
    what it costs is bounded, however few tasks the filters let through.
    """

    tasks: tuple[Task, ...]
    cursor: str | None


def list_tasks(
    engine: Engine,
    filters: Filters = ALL,
    *,
    tenant: str = DEFAULT_TENANT,
    limit: int = LIMIT,
    cursor: str | None = None,
) -> Page:
    """A page of a tenant's tasks that meet every filter.

    At most 32 queries of an index and one batch of reads, whatever there is; 16 and one without
    filters, 4 and one for tasks of one state. The index lags: a task of the last second may be
    missing. What is listed is read from its record, so it is as it stands.
    Raises InvalidOption for an impossible limit, InvalidCursor for one that is not of this list.
    """
    if type(limit) is not int or not 1 <= limit <= MOST:
        raise InvalidOption("limit", f"a whole number from 1 to {MOST}", limit)
    scope = f"tasks\n{tenant}\n{filters}"
    below = engine.cursors.place(scope, cursor) if cursor is not None else None
    index = ListIndex(engine.aws, engine.records.table)
    read_at_once = MOST if filters.is_told_by_records else limit
    found = index.find(tenant, filters, limit=read_at_once, below=below)
    tasks, rest = _first(engine, found.entries, filters, limit)
    rest = rest or found.rest
    return Page(tuple(tasks), engine.cursors.at(scope, rest) if rest else None)


def _first(
    engine: Engine, entries: tuple[Listed, ...], filters: Filters, limit: int
) -> tuple[list[Task], str | None]:
    """The first tasks that meet the filters, and where the others begin, if any are left."""
    records = read(engine, [entry.ref for entry in entries])
    now = engine.clock.now()
    tasks: list[Task] = []
    for number, entry in enumerate(entries, 1):
        task = records.get(entry.ref)
        if task is None or task.has_expired(now) or not filters.match(task):
            continue
        tasks.append(task)
        if len(tasks) == limit and number < len(entries):
            return tasks, entry.place
    return tasks, None


def read(engine: Engine, refs: list[Ref]) -> dict[Ref, Task]:
    """At most 100 tasks as they stand; one that is gone, or cannot be read, is missing."""
    found: dict[Ref, Task] = {}
    for ref, item in many.items(engine.aws, engine.records.table, refs).items():
        try:
            record = from_encoded(item)
        except (KeyError, ValueError, TypeError) as error:
            engine.telemetry.warning("record.unreadable", error=error, **ref.ids)
            continue
        if isinstance(record, Task):
            found[ref] = record
    return found
