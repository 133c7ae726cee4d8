"""Figures: what a task adds to which row of the rollups, and what a change of it adds.

There are two sorts. *Facts* follow from the task as it stands: so a row is the sum over all tasks,
a change adds the difference between two versions, and a rebuild can say what a row must be. A task
that begins again takes back the end that it had. *Measures* are seen in passing only, for the
record does not keep them: how long a task waited for its first start, and how many ran at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from windrow.model.fingerprint import fingerprint, normalised
from windrow.model.histogram import bucket
from windrow.model.records import Failure, Task
from windrow.model.states import State


class Kind(StrEnum):
    """What a row holds.

    NOW     how many tasks of a type are in each state: one row for each type
    MINUTE  what happened to a type within a minute
    HOUR    the same within an hour
    ERRORS  how often a type failed for one reason on a day
    """

    NOW = "now"
    MINUTE = "minute"
    HOUR = "hour"
    ERRORS = "errors"


# How long rows are shown and added to. They are deleted a day later, so that nothing is added to a
# row that is gone already.
KEPT = {
    Kind.MINUTE: timedelta(days=3),
    Kind.HOUR: timedelta(days=31),
    Kind.ERRORS: timedelta(days=31),
}
SPARE = timedelta(days=1)
# The shortest time that records are kept: younger rows can be recomputed from them.
RECORDS_KEPT = timedelta(days=7)

SUBMITTED, STARTED = "submitted", "started"
# Attributes with a number: a bucket of a histogram, or a second of the minute.
WAITED, TOOK, RUNNING = "w", "t", "c"
MEASURES = (WAITED, RUNNING)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the rollups: `at` is when its time begins, `error` the fingerprint of its reason."""

    tenant: str
    kind: Kind
    name: str
    at: datetime | None = None
    error: str = ""

    def is_kept(self, now: datetime) -> bool:
        """Is it shown and added to?"""
        return self.at is None or now - self.at < KEPT[self.kind]

    @property
    def expires(self) -> datetime | None:
        """When it is deleted; None for one that stays."""
        if self.at is None:
            return None
        return self.at + KEPT[self.kind] + SPARE


@dataclass(frozen=True, slots=True)
class Sample:
    """What a reason looks like: its kind, its message without values, and a task that met it."""

    kind: str
    message: str
    task: str
    at: datetime


@dataclass(slots=True)
class Figures:
    """Amounts by row and attribute, and a sample for each row of errors."""

    amounts: dict[Row, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    samples: dict[Row, Sample] = field(default_factory=dict)

    def add(self, row: Row, attribute: str, amount: int = 1) -> None:
        """Add to one attribute of a row."""
        self.amounts[row][attribute] += amount

    def merge(self, other: "Figures") -> None:
        """Add all of another's."""
        for row, amounts in other.amounts.items():
            # Counter.update adds; it would drop nothing, negative amounts included.
            self.amounts[row].update(amounts)
        self.samples.update(other.samples)

    def settled(self, now: datetime) -> "Figures":
        """What is left of it: rows that are kept, attributes that change."""
        left = {
            row: Counter({name: amount for name, amount in amounts.items() if amount})
            for row, amounts in self.amounts.items()
            if row.is_kept(now)
        }
        rows = {row: amounts for row, amounts in left.items() if amounts}
        samples = {row: each for row, each in self.samples.items() if rows.get(row, {})}
        return Figures(defaultdict(Counter, rows), samples)


def changed(before: Task | None, after: Task | None, at: datetime) -> Figures:
    """What a change adds to the rollups; `at` is when the table says that it was made.

    A task whose record is deleted leaves the counts of now; what happened to it stays history. So
    it is with an expired one whose key is used again.
    """
    figures = Figures()
    is_same = before is not None and after is not None and before.created == after.created
    if before is not None:
        _add(figures, standing(before), -1)
    if after is not None:
        _add(figures, standing(after), 1)
        _add(figures, history(after), 1)
    if before is not None and is_same:
        _add(figures, history(before), -1)
    for row, attribute, amount in _measured(before, after, is_same, at):
        figures.add(row, attribute, amount)
    if after is not None and (failure := _failure(after)) is not None:
        row, sample = _sampled(after, failure)
        figures.samples[row] = sample
    return figures.settled(at)


def facts(task: Task, now: datetime) -> Figures:
    """All that follows from a task as it stands: what a rebuild adds up."""
    figures = Figures()
    _add(figures, standing(task), 1)
    _add(figures, history(task), 1)
    if (failure := _failure(task)) is not None:
        row, sample = _sampled(task, failure)
        figures.samples[row] = sample
    return figures.settled(now)


type Entry = tuple[Row, str]


def standing(task: Task) -> Iterator[Entry]:
    """What a task adds for as long as its record is there."""
    yield Row(task.ref.tenant, Kind.NOW, task.name), task.state.value


def history(task: Task) -> Iterator[Entry]:
    """What a task adds to the minutes, the hours and the days in which something became of it."""
    for row in _times(task, task.created):
        yield row, SUBMITTED
    if task.started is not None:
        for row in _times(task, task.started):
            yield row, STARTED
    if task.ended is None:
        return
    for row in _times(task, task.ended):
        yield row, task.state.value
        if task.started is not None:
            yield row, f"{TOOK}{bucket(task.ended - _began(task, task.started))}"
    if (failure := _failure(task)) is not None:
        row, _ = _sampled(task, failure)
        yield row, "count"


def has_ended(before: Task | None, after: Task | None) -> bool:
    """Did the task end by this change?"""
    if after is None or not after.state.is_over:
        return False
    if before is None or not before.state.is_over:
        return True
    return (before.created, before.round) != (after.created, after.round)


def minute_of(instant: datetime) -> datetime:
    """The minute that an instant is in."""
    return instant.replace(second=0, microsecond=0)


def hour_of(instant: datetime) -> datetime:
    """The hour that an instant is in."""
    return minute_of(instant).replace(minute=0)


def day_of(instant: datetime) -> datetime:
    """The day, UTC, that an instant is in."""
    return hour_of(instant).replace(hour=0)


def _add(figures: Figures, entries: Iterator[Entry], amount: int) -> None:
    for row, attribute in entries:
        figures.add(row, attribute, amount)


def _times(task: Task, instant: datetime) -> tuple[Row, Row]:
    tenant, name = task.ref.tenant, task.name
    return (
        Row(tenant, Kind.MINUTE, name, minute_of(instant)),
        Row(tenant, Kind.HOUR, name, hour_of(instant)),
    )


def _began(task: Task, started: datetime) -> datetime:
    """Since when it is worked on: its first start, or when somebody let it begin again."""
    again = task.chunks_began if task.round else None
    return max(started, again) if again else started


def _measured(
    before: Task | None, after: Task | None, is_same: bool, at: datetime
) -> Iterator[tuple[Row, str, int]]:
    for task, amount in ((before, -1), (after, 1)):
        if task is not None and task.state is State.RUNNING:
            minute, _ = _times(task, at)
            yield minute, f"{RUNNING}{at.second}", amount
    if before is None or after is None or not is_same:
        return
    if after.started is not None and before.started is None:
        could_start = max(before.queued, before.not_before)
        for row in _times(after, after.started):
            yield row, f"{WAITED}{bucket(after.started - could_start)}", 1


def _failure(task: Task) -> Failure | None:
    """Why a task failed; what succeeded in spite of a failure is none."""
    return task.error if task.state is State.FAILED and task.ended is not None else None


def _sampled(task: Task, failure: Failure) -> tuple[Row, Sample]:
    ended = task.ended
    assert ended is not None
    row = Row(task.ref.tenant, Kind.ERRORS, task.name, day_of(ended), fingerprint(failure))
    return row, Sample(failure.kind, normalised(failure.message), task.ref.task, ended)
