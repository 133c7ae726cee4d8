"""Sweep: the one recovery. Whatever is overdue is hinted at again, left to its lease, or ended."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from windrow.aws.errors import ServiceError
from windrow.engine.claim import SKEW
from windrow.engine.engine import Engine
from windrow.engine.modes import modes
from windrow.engine.send import send
from windrow.engine.settle import DEADLINE_PASSED, end, fail
from windrow.errors import Fenced
from windrow.model.modes import Modes
from windrow.model.records import HINT_GRACE, Chunk, Group, Task
from windrow.model.states import State
from windrow.store.due import Overdue
from windrow.telemetry.metrics import Metric

# A pool that is far behind is not buried in hints ...
LONGEST_PAUSE = timedelta(hours=1)
# ... but what waits is looked at every four minutes at the least, so that the alarm on it sees it.
LONGEST_LOOK = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Look:
    """Look again at `due`; with `hint`, wake a worker now. A pause makes the count of hints 0."""

    due: datetime
    hint: bool
    is_paused: bool = False


class GiveUp:
    """Its deadline has passed, and no attempt can be running."""


class Cancel:
    """It crashed after somebody had asked to cancel it."""


type Decision = Look | GiveUp | Cancel | None


def decide(record: Task | Chunk | Group, now: datetime, *, is_paused: bool = False) -> Decision:
    """What an overdue record needs; None when the index is behind and it needs nothing.

    A record of a paused pool gets no hint and counts none, so that its next one comes in the first
    minute after the pause. Its deadline stays: no order moves what a caller was promised.
    """
    match record:
        case Group():
            decision = _decide_group(record, now)
        case Task() | Chunk():
            decision = _decide_record(record, now)
        case _:
            assert_never(record)
    is_running = isinstance(record, Task | Chunk) and _has_lease(record, now)
    if is_paused and isinstance(decision, Look) and not is_running:
        return Look(min(now + HINT_GRACE, record.deadline), hint=False, is_paused=True)
    return decision


def sweep(engine: Engine, until: datetime) -> int:
    """Look at what is overdue, the longest first; returns how many records that were.

    The index is read before anything is written, so that a record is met once a sweep. What there
    is no time for before `until` is met by the next sweep, a minute later.
    """
    now = engine.clock.now()
    overdue = engine.due.before(now)
    orders = modes(engine)
    # At least as long as its due time lies back: for the record that there is no time to look at.
    longest = now - overdue[0].due if overdue else timedelta()
    for seen, entry in enumerate(overdue):
        if engine.clock.now() > until - SKEW:
            engine.telemetry.warning("sweep.cut", left=len(overdue) - seen)
            break
        longest = max(longest, _look(engine, entry, now, orders))
    engine.telemetry.count(Metric.OLDEST_OVERDUE_SECONDS, longest.total_seconds())
    engine.telemetry.event("sweep.done", overdue=len(overdue))
    return len(overdue)


def _look(engine: Engine, entry: Overdue, now: datetime, orders: Modes) -> timedelta:
    """Give one record what it needs, and say how long nobody has worked on it, as somebody should.

    A record that cannot be read must hold up neither the rest of this sweep nor the next one's.
    """
    try:
        record = engine.records.read(entry.ref)
        if record is not None:
            is_paused = orders.of(record.pool).paused is not None
            _act(engine, record, decide(record, now, is_paused=is_paused))
            return timedelta() if is_paused else _waited(record, now)
    except Fenced:
        # It has just been claimed, retried or ended: exactly what the sweep is for.
        return timedelta()
    except Exception as error:
        engine.telemetry.warning("sweep.failed", error=error, task=str(entry.ref))
        if not isinstance(error, ServiceError):
            engine.due.put_off(entry, now + LONGEST_PAUSE)
    return timedelta()


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
    if record.deadline <= now:
        return GiveUp()
    if record.state is State.RUNNING and record.lease is None:
        # A map in its chunks, which the last of them should have moved on.
        return Look(min(now + _pause(record.sends, LONGEST_PAUSE), record.deadline), hint=True)
    is_time = _waited(record, now) >= _hinted_at(record.sends)
    return Look(min(now + _pause(record.sends, LONGEST_LOOK), record.deadline), hint=is_time)


def _has_lease(record: Task | Chunk, now: datetime) -> bool:
    """May an attempt be running now?"""
    return record.lease is not None and record.lease + SKEW >= now


def _decide_group(group: Group, now: datetime) -> Decision:
    if group.is_closed or group.due is None or group.due > now:
        return None
    if group.deadline <= now:
        return GiveUp()
    return Look(min(now + _pause(group.sends, LONGEST_PAUSE), group.deadline), hint=True)


def _waited(record: Task | Chunk | Group, now: datetime) -> timedelta:
    """How long nobody has worked on a record that somebody should be working on."""
    if isinstance(record, Group) or record.state.is_over:
        return timedelta()
    if record.state is State.QUEUED:
        return now - max(record.queued, record.not_before)
    # A map in its chunks has no lease: the chunks are what somebody should be working on.
    return now - record.lease if record.lease else timedelta()


def _pause(sends: int, longest: timedelta) -> timedelta:
    """Twice as long after each hint."""
    return min(HINT_GRACE * float(2 ** min(sends, 10)), longest)


def _hinted_at(sends: int) -> timedelta:
    """After how long a wait the next hint is sent: 0, 1, 3, 7 ... minutes, in the end each hour."""
    return sum((_pause(sent, LONGEST_PAUSE) for sent in range(sends)), timedelta())


def _act(engine: Engine, record: Task | Chunk | Group, decision: Decision) -> None:
    match decision:
        case None:
            return
        case GiveUp():
            _give_up(engine, record)
        case Cancel():
            _cancel(engine, record)
        case Look(due=due, hint=False):
            _postpone(engine, record, due, 0 if decision.is_paused else record.sends)
        case Look(due=due):
            if not send(engine, record.pool, [record.ref]):
                _postpone(engine, record, due, record.sends + 1)
                engine.telemetry.event("hint.sent_again", task=str(record.ref))
        case _:
            assert_never(decision)


def _postpone(engine: Engine, record: Task | Chunk | Group, due: datetime, sends: int) -> None:
    engine.records.write(record, replace(record, due=due, sends=sends))


def _cancel(engine: Engine, record: Task | Chunk | Group) -> None:
    match record:
        case Task() | Chunk():
            end(engine, record, State.CANCELLED)
        case Group():
            raise AssertionError("a group has no attempt that could crash")


def _give_up(engine: Engine, record: Task | Chunk | Group) -> None:
    match record:
        case Task() | Chunk():
            fail(engine, record, DEADLINE_PASSED)
        case Group():
            expires = engine.clock.now() + engine.retention
            closed = replace(record, is_closed=True, due=None, expires=expires)
            engine.records.write(record, closed)
