"""Stats: figures about a tenant's work, read from the rollups; no task is looked at but one.

What it costs depends on types and minutes, never on how many tasks there are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from windrow.engine.engine import Engine
from windrow.engine.system import RESERVED
from windrow.errors import InvalidOption
from windrow.model.figures import (
    KEPT,
    RUNNING,
    STARTED,
    SUBMITTED,
    TOOK,
    WAITED,
    Kind,
    Row,
    hour_of,
    minute_of,
)
from windrow.model.filters import Filters
from windrow.model.histogram import percentile
from windrow.model.states import State
from windrow.model.system import is_system
from windrow.store.keys import milliseconds
from windrow.store.listing import ListIndex
from windrow.store.positions import Positions
from windrow.store.rollups import Reason, Rollups

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# Up to so many minutes each one is shown; beyond that, hours are.
MOST_MINUTES = 180
MOST = KEPT[Kind.HOUR] // MINUTE
SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
EVENTS = (SUBMITTED, STARTED, *(state.value for state in State if state.is_over))
MOST_ERRORS = 50
# The table says the second in which it made a change.
SECOND = timedelta(seconds=1)
# Of the oldest entries of the index so many may have been started within its lag.
LOOKED_AT = 3


@dataclass(frozen=True, slots=True)
class TypeStats:
    """A type of tasks: how many are in each state now, and what happened in the window.

    waited, took  percentiles by name; empty where nothing started or ended
    peak          the most that ran at once; None where hours are shown
    """

    name: str
    states: Mapping[str, int]
    events: Mapping[str, int]
    waited: Mapping[str, timedelta]
    took: Mapping[str, timedelta]
    peak: int | None

    @property
    def is_system(self) -> bool:
        """Is it Windrow's own?"""
        return _is_own(self.name)

    @property
    def success_rate(self) -> float | None:
        """How many of a hundred have succeeded, of all that there are; None where there is none."""
        return success_rate(self.states)


@dataclass(frozen=True, slots=True)
class Stats:
    """A tenant's figures. `at` is when they were read; windows end there.

    queued     how many tasks have not started, those whose time has not come included
    oldest     since when the one waits that has waited longest, in any pool
    lag        how old the counts are, at the least
    counted    the second up to which changes are counted; None where nothing was yet
    series     what happened in each minute or hour (`step`) in which anything did, oldest first
    errors     why tasks failed, the most frequent first, since the day in which the window begins
    """

    at: datetime
    window: timedelta
    step: timedelta
    queued: int
    oldest: datetime | None
    lag: timedelta
    counted: datetime | None
    types: tuple[TypeStats, ...]
    series: tuple[tuple[datetime, Mapping[str, int]], ...]
    errors: tuple[Reason, ...]

    @property
    def states(self) -> Counter[str]:
        """How many tasks are in each state now, whatever their type; Windrow's own are left out."""
        total: Counter[str] = Counter()
        for each in self.types:
            if not each.is_system:
                total.update(each.states)
        return total


def success_rate(states: Mapping[str, int]) -> float | None:
    """How many of a hundred tasks have succeeded, of all: those that wait and run included.

    To two digits; None where there is no task.
    """
    count = sum(states.values())
    return round(states[State.SUCCEEDED] * 100 / count, 2) if count else None


def stats(engine: Engine, tenant: str, *, minutes: int = 60) -> Stats:
    """A tenant's figures of the last so many minutes, by hours beyond three of them.

    Tasks of the library itself are shown among the types and in no sum. Raises InvalidOption.
    """
    if not 1 <= minutes <= MOST:
        raise InvalidOption("minutes", f"from 1 to {MOST}", minutes)
    rollups = Rollups(engine.aws, engine.records.table)
    at, window = engine.clock.now(), minutes * MINUTE
    kind, step = (Kind.MINUTE, MINUTE) if minutes <= MOST_MINUTES else (Kind.HOUR, HOUR)
    first = minute_of(at - window) + MINUTE if step == MINUTE else hour_of(at - window)
    states = {row.name: amounts for row, amounts in rollups.now(tenant).items()}
    rows = list(rollups.between(tenant, kind, first, at))
    names = sorted(states.keys() | {row.name for row, _ in rows})
    users = [(row, amounts) for row, amounts in rows if not _is_own(row.name)]
    counted, lag = _lag(engine, tenant, at)
    return Stats(
        at=at,
        window=window,
        step=step,
        queued=sum(each[State.QUEUED] for name, each in states.items() if not _is_own(name)),
        oldest=_oldest(engine, tenant),
        lag=lag,
        counted=counted,
        types=tuple(_of_type(name, states.get(name, Counter()), rows, step) for name in names),
        series=_series(users),
        errors=_errors(rollups.errors(tenant, first, at)),
    )


def _is_own(name: str) -> bool:
    """Is a task of this name Windrow's own?"""
    return name.startswith(RESERVED) or is_system(name)


def _of_type(
    name: str,
    states: Counter[str],
    rows: Iterable[tuple[Row, Counter[str]]],
    step: timedelta,
) -> TypeStats:
    own = [(row, amounts) for row, amounts in rows if row.name == name]
    total: Counter[str] = Counter()
    for _, amounts in own:
        total.update(amounts)
    return TypeStats(
        name=name,
        states={state.value: states[state] for state in State},
        events={event: total[event] for event in EVENTS},
        waited=_percentiles(total, WAITED),
        took=_percentiles(total, TOOK),
        peak=peak(own, states[State.RUNNING], total[STARTED]) if step == MINUTE else None,
    )


def peak(rows: Iterable[tuple[Row, Counter[str]]], running: int, started: int) -> int:
    """The most that ran at once, second by second: from what runs now back through the window.

    What starts and ends within one second shows in no second's balance, and counts as one.
    """
    steps: defaultdict[datetime, int] = defaultdict(int)
    for row, amounts in rows:
        assert row.at is not None
        for name, amount in amounts.items():
            if _number(name, RUNNING) is not None:
                steps[row.at + SECOND * int(name[1:])] += amount
    most = level = max(running, 0)
    for second in sorted(steps, reverse=True):
        level -= steps[second]
        most = max(most, level)
    return max(most, 1 if started else 0)


def _percentiles(total: Mapping[str, int], prefix: str) -> dict[str, timedelta]:
    counts = {
        number: amount
        for name, amount in total.items()
        if (number := _number(name, prefix)) is not None
    }
    found = {name: percentile(counts, share) for name, share in SHARES.items()}
    return {name: each for name, each in found.items() if each is not None}


def _number(attribute: str, prefix: str) -> int | None:
    rest = attribute.removeprefix(prefix)
    return int(rest) if attribute.startswith(prefix) and rest.isdecimal() else None


def _series(
    rows: Iterable[tuple[Row, Counter[str]]],
) -> tuple[tuple[datetime, Mapping[str, int]], ...]:
    series: defaultdict[datetime, Counter[str]] = defaultdict(Counter)
    for row, amounts in rows:
        assert row.at is not None
        series[row.at].update({event: amounts[event] for event in EVENTS})
    return tuple((at, dict(series[at])) for at in sorted(series))


def _errors(found: Iterable[Reason]) -> tuple[Reason, ...]:
    """Each reason once, whatever the days; those that were taken back are gone."""
    reasons: dict[tuple[str, str], Reason] = {}
    for each in found:
        key = each.row.name, each.row.error
        before = reasons.get(key)
        if before is not None:
            # Days come in their order, so the later one's sample is the newer.
            each = Reason(each.row, before.count + each.count, each.sample, before.first)
        reasons[key] = each
    counted = (each for each in reasons.values() if each.count > 0)
    return tuple(sorted(counted, key=lambda each: -each.count)[:MOST_ERRORS])


def _lag(engine: Engine, tenant: str, now: datetime) -> tuple[datetime | None, timedelta]:
    """Up to when changes are counted, and how old the counts are.

    What was measured last says nothing of a consumer that has stopped. So the newest task is looked
    at as well: if it was made after all that is counted, the counts are at least as old as it.
    """
    positions = [each for each in Positions(engine.aws, engine.records.table).all() if each.at]
    newest = max(positions, key=lambda each: each.at or now, default=None)
    counted = newest.at if newest else None
    lag = timedelta()
    if newest and newest.at and newest.counted:
        lag = max(newest.counted - newest.at - SECOND, lag)
    listed = ListIndex(engine.aws, engine.records.table).find(tenant, Filters(), limit=1).entries
    for entry in listed:
        made = int(entry.place.partition("#")[0])
        if counted is None or made >= milliseconds(counted + SECOND):
            lag = max(lag, now - datetime.fromtimestamp(made / 1000, UTC))
    return counted, lag


def _oldest(engine: Engine, tenant: str) -> datetime | None:
    """Since when the task waits that could have started the longest ago."""
    heads = sorted(
        (head for pool in sorted(engine.queue.urls) for head in engine.ready.heads(pool)),
        key=lambda head: head.rank[3:],
    )
    for head in islice((each for each in heads if each.ref.tenant == tenant), LOOKED_AT):
        task = engine.records.task(head.ref)
        if task is not None and task.state is State.QUEUED:
            return max(task.queued, task.not_before)
    return None
