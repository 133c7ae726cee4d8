"""Sweep: the one recovery. Whatever is overdue is hinted at again, left to its lease, or ended."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from windrow.engine.claim import SKEW
from windrow.engine.engine import Engine
from windrow.engine.send import send
from windrow.engine.settle import DEADLINE_PASSED, end
from windrow.errors import Fenced
from windrow.model.records import HINT_GRACE, Chunk, Group, Task
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.due import Overdue
from windrow.telemetry.metrics import Metric

LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Look:
    """Look again at `due`; with `hint`, wake a worker now."""

    due: datetime
    hint: bool


class GiveUp:
    """Its deadline has passed, and no attempt can be running."""


type Decision = Look | GiveUp | None


def decide(record: Task | Chunk | Group, now: datetime) -> Decision:
    """What an overdue record needs; None when the index is behind and it needs nothing."""
    match record:
        case Group():
            return _decide_group(record, now)
        case Task() | Chunk():
            return _decide_record(record, now)
        case _:
            assert_never(record)


def sweep(engine: Engine, until: datetime) -> int:
    """Look at what is overdue, the longest first; returns how many records that were.

    The index is read before anything is written, so that a record is met once a sweep. What there
    is no time for before `until` is met by the next sweep, a minute later.
    """
    now = engine.clock.now()
    overdue = engine.due.before(now)
    engine.telemetry.count(Metric.OLDEST_OVERDUE_SECONDS, _oldest_wait(overdue, now))
    for seen, entry in enumerate(overdue):
        if engine.clock.now() > until - SKEW:
            engine.telemetry.warning("sweep.cut", left=len(overdue) - seen)
            break
        _look(engine, entry.ref, now)
    engine.telemetry.event("sweep.done", overdue=len(overdue))
    return len(overdue)


def _look(engine: Engine, ref: Ref, now: datetime) -> None:
    """Give one record what it needs; one that cannot be read must not hold up the rest."""
    try:
        record = engine.records.read(ref)
        if record is not None:
            _act(engine, record, decide(record, now))
    except Fenced:
        # It has just been claimed, retried or ended: exactly what the sweep is for.
        return
    except Exception as error:
        engine.telemetry.warning("sweep.failed", error=error, task=str(ref))


def _decide_record(record: Task | Chunk, now: datetime) -> Decision:
    if record.state.is_over:
        return None
    if record.due is None or record.due > now:
        return None
    if record.lease is not None and record.lease + SKEW >= now:
        # A claim moves no index entry: the first sweep that meets a live lease does, once.
        return Look(record.lease + 2 * SKEW, hint=False)
    if record.deadline <= now:
        return GiveUp()
    if record.state is State.QUEUED and record.not_before > now:
        return Look(record.not_before + HINT_GRACE, hint=True)
    return Look(_next(record.sends, now), hint=True)


def _decide_group(group: Group, now: datetime) -> Decision:
    if group.is_closed or group.due is None or group.due > now:
        return None
    if group.deadline <= now:
        return GiveUp()
    return Look(_next(group.sends, now), hint=True)


def _next(sends: int, now: datetime) -> datetime:
    """Twice as long after each hint: a pool that is far behind is not buried in hints."""
    return now + min(HINT_GRACE * float(2 ** min(sends, 10)), LONGEST_WAIT)


def _act(engine: Engine, record: Task | Chunk | Group, decision: Decision) -> None:
    match decision:
        case None:
            return
        case GiveUp():
            _give_up(engine, record)
        case Look(due=due, hint=False):
            _postpone(engine, record, due, record.sends)
        case Look(due=due):
            if not send(engine, record.pool, [record.ref]):
                _postpone(engine, record, due, record.sends + 1)
                engine.telemetry.event("hint.sent_again", task=str(record.ref))
        case _:
            assert_never(decision)


def _postpone(engine: Engine, record: Task | Chunk | Group, due: datetime, sends: int) -> None:
    match record:
        case Task():
            engine.records.write(record, replace(record, due=due, sends=sends))
        case Chunk():
            engine.records.write(record, replace(record, due=due, sends=sends))
        case Group():
            engine.records.write(record, replace(record, due=due, sends=sends))


def _give_up(engine: Engine, record: Task | Chunk | Group) -> None:
    match record:
        case Task():
            end(engine, record, State.FAILED, error=DEADLINE_PASSED)
        case Chunk():
            end(engine, record, State.FAILED, error=DEADLINE_PASSED)
        case Group():
            expires = engine.clock.now() + engine.retention
            closed = replace(record, is_closed=True, due=None, expires=expires)
            engine.records.write(record, closed)


def _oldest_wait(overdue: list[Overdue], now: datetime) -> float:
    return max(((now - entry.due).total_seconds() for entry in overdue), default=0.0)
