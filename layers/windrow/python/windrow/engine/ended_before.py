"""Ended before: the tasks of a tenant that ended before an instant, newest first, page by page.

Also those that have expired and are not deleted yet: a removal that was cut off leaves them.
"""

from datetime import datetime

from windrow.engine.engine import Engine
from windrow.model.filters import Filters
from windrow.model.records import Task
from windrow.model.states import State
from windrow.store import many
from windrow.store.items import from_encoded
from windrow.store.keys import sortable
from windrow.store.listing import ListIndex

OVER = frozenset(state for state in State if state.is_over)


def ended_before(
    engine: Engine, tenant: str, before: datetime, *, below: str | None = None, limit: int = 50
) -> tuple[list[Task], str | None]:
    """Up to `limit` tasks that were created before an instant and are over, and where the next
    ones begin; None after the last. `below` is where a page before said so.

    Some of them may have ended later than that: see `is_removable`.
    """
    filters = Filters(states=OVER, created_before=before)
    index = ListIndex(engine.aws, engine.records.table)
    found = index.find(tenant, filters, limit=limit, below=below or sortable(before))
    items = many.items(engine.aws, engine.records.table, [each.ref for each in found.entries])
    tasks = []
    for each in found.entries:
        try:
            record = from_encoded(items[each.ref]) if each.ref in items else None
        except (KeyError, ValueError, TypeError) as error:
            engine.telemetry.warning("record.unreadable", error=error, **each.ref.ids)
            continue
        if isinstance(record, Task) and record.state.is_over:
            tasks.append(record)
    return tasks, found.rest
