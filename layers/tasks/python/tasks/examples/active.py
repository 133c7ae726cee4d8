"""What of a tenant's work has not ended: its tasks, and the attempts that run."""

from dataclasses import dataclass
from itertools import islice

from windrow.engine.engine import Engine
from windrow.engine.list_tasks import MOST as PAGE
from windrow.engine.list_tasks import list_tasks
from windrow.engine.live import live
from windrow.model.filters import Filters
from windrow.model.records import Task
from windrow.model.states import State
from windrow.model.system import is_system
from windrow.store.rollups import Rollups

LIVE = frozenset({State.QUEUED, State.RUNNING})
# Ten pages of a hundred: fifty calls, and some 250 KB of an answer.
MOST = 1_000
# Records that are looked at for their leases: twenty reads of a hundred.
LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Active:
    """The newest tasks that have not ended, and how many there are.

    following  the cursor of the native list that leads to the others; None where these are all
    """

    tasks: tuple[Task, ...]
    total: int
    following: str | None


def active(engine: Engine, tenant: str, most: int = MOST) -> Active:
    """At most `most` tasks, in hundreds. All are counted: the others as the rollups have them.

    What came within the last second may be missing, for the index that lists them lags.
    """
    tasks: list[Task] = []
    cursor: str | None = None
    for _ in range(most // PAGE):
        page = list_tasks(engine, Filters(states=LIVE), tenant=tenant, limit=PAGE, cursor=cursor)
        tasks += page.tasks
        cursor = page.cursor
        if cursor is None:
            return Active(tuple(tasks), len(tasks), None)
    return Active(tuple(tasks), max(len(tasks), counted(engine, tenant)), cursor)


def counted(engine: Engine, tenant: str) -> int:
    """How many tasks have not ended, as their changes were counted: some seconds old."""
    rows = Rollups(engine.aws, engine.records.table).now(tenant)
    return sum(
        amounts[state] for row, amounts in rows.items() if not is_system(row.name) for state in LIVE
    )


def workers(engine: Engine, tenant: str) -> int:
    """How many workers are at a tenant's tasks and chunks now: attempts whose lease is alive.

    Of all records that are not over, whoever's, LOOKED_AT are looked at; more make it "at least".
    """
    now = engine.clock.now()
    entries = islice(engine.due.everything(), LOOKED_AT)
    own = (each for each in entries if each.ref.tenant == tenant)
    leases = (record.lease for record in live(engine, own))
    return sum(lease is not None and lease > now for lease in leases)
