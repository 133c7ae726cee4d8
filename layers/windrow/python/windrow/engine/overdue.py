"""Overdue: what a record needs whose time has come. Nothing here reads, sends or writes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from windrow.engine.claim import SKEW, is_unlisted
from windrow.engine.send import look_at
from windrow.engine.settle import DEADLINE_PASSED, NOT_STARTED
from windrow.model.records import HINT_GRACE, Chunk, Failure, Group, Task
from windrow.model.states import Phase, State
from windrow.queue.sqs import LONGEST_DELAY

# A pool that is far behind is not buried in hints ...
LONGEST_PAUSE = timedelta(hours=1)
# ... but what waits is looked at every four minutes at the least, so that the alarm on it sees it.
LONGEST_LOOK = timedelta(minutes=3)
# A paused record is met by every tick, so that the first one after the pause hints at it.
PAUSED_LOOK = timedelta(seconds=50)


@dataclass(frozen=True, slots=True)
class Look:
    """Look again at `due`; with `hint`, wake a worker, `delay` from now on.

    A pause makes the count of hints 0.
    """

    due: datetime
    hint: bool
    is_paused: bool = False
    delay: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Its time has passed, and no attempt can be running."""

    reason: Failure = DEADLINE_PASSED


@dataclass(frozen=True, slots=True)
class Gather:
    """A hint if what it waits for has ended, for then nobody else will see to it; look at `due`."""

    due: datetime


class Cancel:
    """It crashed after somebody had asked to cancel it."""


type Decision = Look | Gather | GiveUp | Cancel | None


def decide(record: Task | Chunk | Group, now: datetime, *, is_paused: bool = False) -> Decision:
    """What an overdue record needs; None when the index is behind and it needs nothing.

    A record of a paused pool gets no hint and counts none, so that its next one comes with the
    first tick after the pause. Its deadline stays: no order moves what a caller was promised.
    """
    match record:
        case Group():
            decision = _decide_group(record, now)
        case Task() | Chunk():
            decision = _decide_record(record, now)
        case _:
            assert_never(record)
    is_running = isinstance(record, Task | Chunk) and _has_lease(record, now)
    if is_paused and isinstance(decision, Look | Gather) and not is_running:
        return Look(min(now + PAUSED_LOOK, _ends(record)), hint=False, is_paused=True)
    return decision


def waited(record: Task | Chunk | Group, now: datetime) -> timedelta:
    """How long nobody has worked on a record that somebody should be working on."""
    if isinstance(record, Group) or record.state.is_over:
        return timedelta()
    if record.state is State.QUEUED:
        return now - max(record.queued, record.not_before)
    # A map in its chunks has no lease: the chunks are what somebody should be working on.
    return now - record.lease if record.lease else timedelta()


def _decide_record(record: Task | Chunk, now: datetime) -> Decision:
    if record.state.is_over:
        return None
    if record.due is None or record.due > now:
        return None
    if record.lease is not None and _has_lease(record, now):
        # A claim moves no index entry: the first sweep that meets a live lease does, once.
        return Look(record.lease + SKEW, hint=False)
    if record.cancel_requested and record.lease is not None:
        return Cancel()
    if isinstance(record, Task) and record.phase is Phase.CHILDREN:
        # It ends after its children, each of which has a deadline that is no later.
        return Gather(now + HINT_GRACE)
    if record.deadline <= now:
        return GiveUp()
    if record.state is State.RUNNING and record.lease is None:
        # A map in its chunks, which the last of them should have moved on.
        return Gather(min(now + HINT_GRACE, record.deadline))
    if isinstance(record, Task) and record.is_too_late(now):
        return GiveUp(NOT_STARTED)
    if record.state is State.QUEUED and record.not_before > now:
        return _decide_delayed(record, now)
    if is_unlisted(record, now) and waited(record, now) < HINT_GRACE:
        # It is listed now, and its own hint is on its way.
        return Look(min(record.not_before + HINT_GRACE, _ends(record)), hint=False)
    is_time = waited(record, now) >= _hinted_at(record.sends)
    return Look(min(now + _pause(record.sends, LONGEST_LOOK), _ends(record)), hint=is_time)


def _decide_delayed(record: Task | Chunk, now: datetime) -> Decision:
    """A queue holds a message for 15 minutes: within these its hint is to the second."""
    wait = record.not_before - now
    due = look_at(record, now)
    if wait > LONGEST_DELAY:
        return Look(due, hint=False)
    return Look(min(due, _ends(record)), hint=True, delay=wait)


def _ends(record: Task | Chunk | Group) -> datetime:
    """When it is given up, if nothing happens before."""
    if isinstance(record, Task) and record.start_by and record.started is None:
        return min(record.start_by, record.deadline)
    return record.deadline


def _has_lease(record: Task | Chunk, now: datetime) -> bool:
    """May an attempt be running now?"""
    return record.lease is not None and record.lease + SKEW >= now


def _decide_group(group: Group, now: datetime) -> Decision:
    if group.is_closed or group.due is None or group.due > now:
        return None
    if group.deadline <= now:
        return GiveUp()
    return Gather(min(now + HINT_GRACE, group.deadline))


def _pause(sends: int, longest: timedelta) -> timedelta:
    """Twice as long after each hint."""
    return min(HINT_GRACE * float(2 ** min(sends, 10)), longest)


def _hinted_at(sends: int) -> timedelta:
    """After how long a wait the next hint is sent: 0, 1, 3, 7 ... minutes, in the end each hour."""
    return sum((_pause(sent, LONGEST_PAUSE) for sent in range(sends)), timedelta())
