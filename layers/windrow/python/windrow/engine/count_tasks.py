"""Count tasks: how many there are of some types and in some states, without a look at each."""

from collections.abc import Set

from windrow.engine.engine import Engine
from windrow.engine.list_tasks import MOST, list_tasks
from windrow.model.filters import Filters
from windrow.model.ref import DEFAULT_TENANT
from windrow.model.states import State
from windrow.model.system import is_system
from windrow.store.rollups import Rollups

# So few are counted one by one, by what a page of a list costs.
FEW = MOST


def count_tasks(
    engine: Engine,
    filters: Filters,
    *,
    tenant: str = DEFAULT_TENANT,
) -> int:
    """How many of a tenant's tasks meet filters by names and states; no filters mean all.

    Up to 100 are counted as they stand, by the list. More are what the rollups say: exact, each
    change once, some seconds after it; an expired record counts until DynamoDB deletes it, up to
    two days later. Windrow's own tasks count where they are named.
    """
    known = counted(engine, tenant, filters.names, filters.states)
    if known <= FEW:
        page = list_tasks(engine, filters, tenant=tenant, limit=FEW)
        if page.cursor is None:
            return len(page.tasks)
    return known


def counted(engine: Engine, tenant: str, names: Set[str], states: Set[State]) -> int:
    """What the rollups say, by one Query: its cost grows with types, not with tasks."""
    rows = Rollups(engine.aws, engine.records.table).now(tenant).items()
    return sum(
        amounts[state]
        for row, amounts in rows
        for state in states or State
        if row.name in names or (not names and not is_system(row.name))
    )


def names_counted(engine: Engine, tenant: str) -> frozenset[str]:
    """The names of all types of which the rollups know."""
    return frozenset(row.name for row in Rollups(engine.aws, engine.records.table).now(tenant))
