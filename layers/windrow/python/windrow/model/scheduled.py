"""The record of a schedule, and what is decided from it: which planned runs start."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile
from typing import assert_never

from windrow.model.ids import derived_id
from windrow.model.ref import Ref, ScheduleRef
from windrow.model.schedule import Overlap
from windrow.model.timing import Timing

# Clocks differ: a look may come before the time that it is for. What is planned within this time
# is started, and waits the rest of it, if nothing else is to be judged.
EARLY = timedelta(seconds=5)
# EventBridge Scheduler fires within a minute of what was planned: from one fire to the next but
# one it may be two, and what is planned to the second in between has to be known before.
AHEAD = timedelta(seconds=130)
# What was planned is taken for forgotten by EventBridge after this time; a tick looks for it.
LATE = timedelta(minutes=3)
# AWS should know of a change by then, and what was decided should be carried out.
GRACE = timedelta(minutes=1)
# What waits in line is looked at again, should nobody have said that the former has ended.
NEXT_LOOK = timedelta(minutes=5)
# How many planned times one look decides, and how many may wait in line.
MOST = 100
# The last run of a day is started however late, for a daily one has no other.
LAST_COUNTS = timedelta(days=1)


class Standing(StrEnum):
    """Where a schedule stands."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A schedule as it stands.

    task      the name of the task that it starts; `params` is a JSON text
    timing    when, with its start and end as instants
    version   counts the writes of the record: one that was decided on another version is refused
    revision  counts the changes of which AWS must know; `synced` is the last that it knows
    said      the fingerprint of what was asked for
    is_declared  it is declared in code, with its task
    decided   until when it is decided what becomes of the planned times
    line      planned times whose tasks are to start, in order
    running   the planned time of the run that was started last, until it is known to be over;
              runs that may overlap are not followed
    started, skipped, missed  how many planned times became what
    due       when a tick should look at it, if nobody has done so before
    """

    ref: ScheduleRef
    task: str
    params: str = "{}"
    priority: int | None = None
    timing: Timing
    overlap: Overlap = Overlap.SKIP
    catch_up: timedelta = timedelta(hours=1)
    standing: Standing = Standing.ACTIVE
    version: int = 1
    revision: int = 1
    synced: int = 0
    created: datetime
    changed: datetime
    said: str = ""
    is_declared: bool = False
    decided: datetime
    line: tuple[datetime, ...] = ()
    running: datetime | None = None
    started: int = 0
    skipped: int = 0
    missed: int = 0
    due: datetime | None = None
    expires: datetime | None = None

    @property
    def is_synced(self) -> bool:
        """Does AWS know of its last change?"""
        return self.synced == self.revision

    @property
    def is_live(self) -> bool:
        """May it start anything yet, now or when its pause is over?"""
        return self.standing in (Standing.ACTIVE, Standing.PAUSED)

    @property
    def is_awaited(self) -> bool:
        """Is somebody waiting for the end of a run of it?"""
        return self.overlap in (Overlap.QUEUE, Overlap.REPLACE)

    def is_gone(self, now: datetime) -> bool:
        """Is it removed, or has it expired?"""
        has_expired = self.expires is not None and self.expires <= now
        return self.standing is Standing.REMOVED or has_expired

    def next(self, now: datetime, count: int) -> tuple[datetime, ...]:
        """The planned times that are not decided yet; none of a schedule that stands still."""
        if self.standing is not Standing.ACTIVE:
            return ()
        return self.timing.next(max(now, self.decided), count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of a planned time: `started`, with its task, or why it was not."""

    planned: datetime
    outcome: str
    task: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The schedule as it stands after a look, and the planned times that start no task.

    again  a planned time that is near, and that cannot be judged before it has come
    """

    after: Scheduled
    skipped: tuple[datetime, ...] = ()
    again: datetime | None = None


def decide(seen: Scheduled, now: datetime, *, is_over: bool) -> Decision:
    """What becomes of the times that were planned until now; `is_over`: the running one has ended.

    Each planned time is decided once, in order, and none is in the way of another before it has
    come: a time that is near is taken where no other one is, and else left to a later look. A
    schedule that is paused decides nothing.
    """
    if seen.standing is not Standing.ACTIVE:
        return Decision(seen)
    if is_over:
        seen = replace(seen, running=None)
    times, missed = _planned(seen, now)
    near = None if times else _near(seen, now)
    if near is not None and _is_free(seen):
        times, near = (near,), None
    line, skipped = _lined(seen, times)
    given_up = now - seen.catch_up if missed else seen.decided
    after = replace(
        seen,
        decided=max(seen.decided, given_up, *times),
        line=line,
        skipped=seen.skipped + len(skipped),
        missed=seen.missed + missed,
    )
    return Decision(after, skipped, near)


def startable(seen: Scheduled) -> tuple[datetime, ...]:
    """The planned times whose tasks are to be submitted now."""
    if seen.standing is not Standing.ACTIVE:
        return ()
    if seen.overlap is Overlap.ALLOW:
        return seen.line
    return seen.line[:1] if seen.running is None else ()


def replaced(seen: Scheduled) -> datetime | None:
    """The planned time of the run that has to be cancelled, for another one is to start."""
    is_replacing = seen.overlap is Overlap.REPLACE and seen.standing is Standing.ACTIVE
    return seen.running if is_replacing and seen.line else None


def has_begun(seen: Scheduled, planned: datetime, *, is_started: bool) -> Scheduled:
    """After the task of a planned time was submitted, or could not be."""
    left = tuple(each for each in seen.line if each != planned)
    if not is_started:
        return replace(seen, line=left, skipped=seen.skipped + 1)
    is_followed = seen.overlap is not Overlap.ALLOW
    running = planned if is_followed else None
    return replace(seen, line=left, running=running, started=seen.started + 1)


def settled(seen: Scheduled, now: datetime, retention: timedelta) -> Scheduled:
    """The same, ended if nothing is planned any more, and with the time of the next look at it."""
    is_through = not seen.line and not seen.timing.next(seen.decided, 1)
    if seen.standing is Standing.ACTIVE and is_through:
        seen = replace(seen, standing=Standing.ENDED, expires=now + retention)
    return replace(seen, due=_due(seen, now))


def alarms(seen: Scheduled, now: datetime) -> tuple[datetime, ...]:
    """When somebody has to look at it before EventBridge fires again: what is planned by seconds,
    and a run to which it was told too late.
    """
    if seen.standing is not Standing.ACTIVE or not seen.timing.is_fine:
        return ()
    planned = seen.timing.after(max(now, seen.decided))
    return tuple(takewhile(lambda each: each <= now + AHEAD, planned))


def run_key(ref: ScheduleRef, planned: datetime) -> str:
    """The key of the submission of a planned time: whoever submits it meets the same task."""
    return f"schedule/{ref.id}/{written(planned)}"


def asked_key(ref: ScheduleRef, key: str) -> str:
    """The key of the submission of a run that somebody asked for under a key of theirs."""
    return f"schedule/{ref.id}/asked/{derived_id(ref.tenant, key)}"


def run_of(ref: ScheduleRef, planned: datetime) -> Ref:
    """The task of a planned time."""
    return Ref(ref.tenant, derived_id(ref.tenant, run_key(ref, planned)))


def written(instant: datetime) -> str:
    """An instant as in a key: RFC 3339 in UTC, with milliseconds only if it has some."""
    precision = "milliseconds" if instant.microsecond else "seconds"
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def _planned(seen: Scheduled, now: datetime) -> tuple[tuple[datetime, ...], int]:
    """The planned times that have come, to be decided, and how many were missed (at most 1,000)."""
    since = seen.decided
    soon_enough = max(since, now - seen.catch_up)
    found = takewhile(lambda each: each <= now, seen.timing.after(soon_enough))
    times = tuple(islice(found, MOST))
    late = takewhile(lambda each: each <= soon_enough, seen.timing.after(since))
    missed = sum(1 for _ in islice(late, MOST * 10))
    if times or not missed:
        return times, missed
    last = seen.timing.last(max(since, now - LAST_COUNTS), soon_enough)
    return ((last,), missed - 1) if last else ((), missed)


def _near(seen: Scheduled, now: datetime) -> datetime | None:
    """The first planned time to come, if it is so near that clocks may differ about it."""
    found = seen.timing.next(max(now, seen.decided), 1)
    return found[0] if found and found[0] <= now + EARLY else None


def _is_free(seen: Scheduled) -> bool:
    """Would a run that starts now meet no other one?"""
    return seen.overlap is Overlap.ALLOW or (seen.running is None and not seen.line)


def _lined(
    seen: Scheduled, times: tuple[datetime, ...]
) -> tuple[tuple[datetime, ...], tuple[datetime, ...]]:
    """What waits in line with these times, and what is left out."""
    waiting = (*seen.line, *times)
    match seen.overlap:
        case Overlap.ALLOW:
            return waiting, ()
        case Overlap.SKIP if seen.running is None:
            return waiting[:1], waiting[1:]
        case Overlap.SKIP:
            return (), waiting
        case Overlap.QUEUE:
            return waiting[:MOST], waiting[MOST:]
        case Overlap.REPLACE:
            return waiting[-1:], waiting[:-1]
        case _:
            assert_never(seen.overlap)


def _due(seen: Scheduled, now: datetime) -> datetime | None:
    looks = [] if seen.is_synced else [now + GRACE]
    if seen.standing is Standing.ACTIVE:
        looks += [each + LATE for each in seen.timing.next(seen.decided, 1)]
        # What waits for no other run should have been started by whoever put it into the line.
        wait = NEXT_LOOK if seen.running is not None else GRACE
        looks += [now + wait] if seen.line else []
    return min(looks, default=None)
