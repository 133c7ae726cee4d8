"""The figures of seed 002: what became of a tenant's tasks, from the rollups; no task is read."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tasks.examples.analytics import Analytics, Throughput
from windrow.engine.engine import Engine
from windrow.engine.stats import peak
from windrow.engine.system import RESERVED
from windrow.model.figures import KEPT, STARTED, TOOK, Kind, Row, hour_of, minute_of
from windrow.model.histogram import middle
from windrow.model.states import State
from windrow.model.system import is_system
from windrow.store.rollups import Rollups

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# Rows of hours are kept so long, and what is older is not counted.
WINDOW = KEPT[Kind.HOUR] - HOUR
# How many ran at once is told by minutes, of which a read takes whole days.
PEAK_WINDOW = timedelta(hours=24)
LATELY = timedelta(minutes=5)

type Rows = list[tuple[Row, Counter[str]]]


@dataclass(slots=True)
class Deployment:
    """Since when there is one: since its table was made, which is asked once."""

    engine: Engine
    _since: datetime | None = field(default=None)

    def since(self) -> datetime:
        if self._since is None:
            asked = {"TableName": self.engine.records.table}
            answer = self.engine.aws.call("dynamodb", "DescribeTable", asked)
            self._since = answer["Table"]["CreationDateTime"]
        return self._since


def analytics(engine: Engine, tenant: str, since: datetime) -> Analytics:
    """A tenant's figures; all are 0 where nothing has run."""
    now = engine.clock.now()
    rollups = Rollups(engine.aws, engine.records.table)
    total = _sum(rollups.between(tenant, Kind.HOUR, hour_of(now - WINDOW), now))
    standing = _sum(rollups.now(tenant).items())
    minutes = list(
        _own(rollups.between(tenant, Kind.MINUTE, minute_of(now - PEAK_WINDOW) + MINUTE, now))
    )
    return Analytics(
        succeeded=total[State.SUCCEEDED],
        failed=total[State.FAILED],
        took=average(total),
        queued=standing[State.QUEUED],
        peak=peak(minutes, standing[State.RUNNING], _sum(minutes)[STARTED]),
        uptime=now - since,
    )


def throughput(engine: Engine, tenant: str) -> Throughput:
    """How much a tenant's tasks came to lately."""
    now = engine.clock.now()
    rollups = Rollups(engine.aws, engine.records.table)
    hour = list(_own(rollups.between(tenant, Kind.MINUTE, minute_of(now - HOUR) + MINUTE, now)))
    first = minute_of(now - LATELY) + MINUTE
    lately = _sum((row, amounts) for row, amounts in hour if row.at is not None and row.at >= first)
    whole = _sum(hour)
    ended = lately[State.SUCCEEDED] + lately[State.FAILED]
    decided = whole[State.SUCCEEDED] + whole[State.FAILED]
    return Throughput(
        per_second=round(ended / max((now - first).total_seconds(), 1), 4),
        failed_percent=100 * whole[State.FAILED] / decided if decided else 0.0,
    )


def average(total: Counter[str]) -> timedelta:
    """The average of a histogram of durations; nothing of nothing."""
    counts = {
        int(name.removeprefix(TOOK)): count
        for name, count in total.items()
        if name.startswith(TOOK) and name.removeprefix(TOOK).isdecimal()
    }
    ended = sum(counts.values())
    spent = sum((middle(number) * count for number, count in counts.items()), timedelta())
    return spent / ended if ended > 0 else timedelta()


def _sum(rows: Iterable[tuple[Row, Counter[str]]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for _, amounts in _own(rows):
        total.update(amounts)
    return total


def _own(rows: Iterable[tuple[Row, Counter[str]]]) -> Rows:
    """Those of a tenant's tasks: without Windrow's own, and without what only holds others."""
    return [
        (row, amounts)
        for row, amounts in rows
        if not row.name.startswith(RESERVED) and not is_system(row.name)
    ]
