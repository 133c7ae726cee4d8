"""List from an offset: for clients that count their way through a list instead of following it.

What lies before the offset has to be walked past, so there is an end to it; a cursor has none.
"""

from dataclasses import dataclass
from itertools import batched

from windrow.engine.count_tasks import counted
from windrow.engine.engine import Engine
from windrow.engine.list_tasks import read
from windrow.errors import InvalidOption
from windrow.model.filters import Filters
from windrow.model.records import Task
from windrow.model.ref import DEFAULT_TENANT
from windrow.store import many
from windrow.store.listing import Listed, ListIndex

MOST = 1_000
FARTHEST = 10_000
# With filters that few tasks meet, so often the index is read on; then the rest is by cursor.
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tasks as they stand, newest first, and how many there are in all.

    total   counted in the list itself when it ends with this stretch and began at an offset, else
            what the rollups say: some seconds old, expired records included until they are deleted
    cursor  leads to what follows; None after the last
    """

    tasks: tuple[Task, ...]
    total: int
    cursor: str | None


def list_from(
    engine: Engine,
    filters: Filters,
    *,
    tenant: str = DEFAULT_TENANT,
    limit: int,
    offset: int = 0,
    cursor: str | None = None,
) -> Stretch:
    """Up to 1,000 of a tenant's tasks, after the first `offset` of them or after a cursor's place.

    Filters are by names and states. The index is walked in calls of a thousand entries; records are
    read for what is shown, and for what is walked past only where the filters tell what waits from
    what runs. Raises InvalidOption for an impossible limit or offset, InvalidCursor.
    """
    if type(limit) is not int or not 1 <= limit <= MOST:
        raise InvalidOption("limit", f"a whole number from 1 to {MOST:,}", limit)
    if type(offset) is not int or not 0 <= offset <= FARTHEST:
        raise InvalidOption("offset", f"a whole number from 0 to {FARTHEST:,}", offset)
    scope = f"tasks\n{tenant}\n{filters}"
    below = engine.cursors.place(scope, cursor) if cursor is not None else None
    walk = _walk_records if filters.is_told_by_records else _walk_entries
    tasks, passed, rest = walk(engine, tenant, filters, offset, limit, below)
    total = passed + len(tasks)
    if rest is not None or cursor is not None:
        known = counted(engine, tenant, filters.names, filters.states)
        total = max(known, total + (rest is not None))
    return Stretch(tuple(tasks), total, engine.cursors.at(scope, rest) if rest else None)


type Walked = tuple[list[Task], int, str | None]


def _walk_entries(
    engine: Engine, tenant: str, filters: Filters, offset: int, limit: int, below: str | None
) -> Walked:
    """Count places in the index, and read the records of the last `limit` of them."""
    index = ListIndex(engine.aws, engine.records.table)
    entries: list[Listed] = []
    rest = below
    for _ in range(ROUNDS):
        found = index.find(tenant, filters, limit=offset + limit - len(entries), below=rest)
        entries += found.entries
        rest = found.rest
        if rest is None or len(entries) == offset + limit:
            break
    return _shown(engine, filters, entries[offset:]), min(offset, len(entries)), rest


def _walk_records(
    engine: Engine, tenant: str, filters: Filters, offset: int, limit: int, below: str | None
) -> Walked:
    """The same for what only its record tells: every one before it is read as well."""
    index = ListIndex(engine.aws, engine.records.table)
    tasks: list[Task] = []
    passed, rest = 0, below
    for _ in range((FARTHEST + MOST) // MOST):
        found = index.find(tenant, filters, limit=MOST, below=rest)
        rest = found.rest
        for some in batched(found.entries, many.AT_ONCE):
            matching = _shown(engine, filters, list(some))
            skipped = min(offset - passed, len(matching))
            passed += skipped
            left = matching[skipped:]
            taken = left[: limit - len(tasks)]
            tasks += taken
            if len(taken) < len(left) or (len(tasks) == limit and some[-1] != found.entries[-1]):
                last = taken[-1] if taken else tasks[-1]
                return tasks, passed, _place(some, last)
        if rest is None or len(tasks) == limit:
            return tasks, passed, rest
    return tasks, passed, rest


def _place(entries: tuple[Listed, ...], last: Task) -> str:
    """Where to go on after a task: its own place, or that of the last one that was looked at."""
    own = [entry.place for entry in entries if entry.ref == last.ref]
    return own[0] if own else entries[-1].place


def _shown(engine: Engine, filters: Filters, entries: list[Listed]) -> list[Task]:
    """The tasks of these entries that meet the filters as they stand, and are there still."""
    now = engine.clock.now()
    found: list[Task] = []
    for some in batched(entries, many.AT_ONCE):
        records = read(engine, [entry.ref for entry in some])
        standing = (records.get(entry.ref) for entry in some)
        found += [
            task
            for task in standing
            if task is not None and not task.has_expired(now) and filters.match(task)
        ]
    return found
