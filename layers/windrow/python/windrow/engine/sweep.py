"""Sweep: the one recovery. Whatever is overdue is hinted at again, left to its lease, or ended.

A hundred records are read by one call and their hints are sent in tens. Each record is written on
its own, under its fence, and only when its hint is on its way: what fails in between is due still,
and met by the next sweep.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched, groupby
from math import ceil
from operator import itemgetter
from typing import assert_never

from windrow.aws.errors import ServiceError
from windrow.engine.claim import SKEW, listed
from windrow.engine.engine import Engine
from windrow.engine.gather import is_complete
from windrow.engine.modes import modes
from windrow.engine.overdue import Cancel, Decision, Gather, GiveUp, Look, decide, waited
from windrow.engine.send import send
from windrow.engine.settle import end, fail
from windrow.engine.wake import wake_after
from windrow.errors import ConfigurationError, Fenced
from windrow.model.modes import Modes
from windrow.model.records import Chunk, Failure, Group, Task
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.due import Overdue
from windrow.store.items import from_encoded
from windrow.store.many import AT_ONCE
from windrow.telemetry.metrics import Metric

# For a record that cannot be handled: it is looked at again, but does not stand in others' way.
PUT_OFF = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Case:
    """A record as it was read, what it needs, and how long nobody has worked on it who should."""

    entry: Overdue
    record: Task | Chunk | Group
    decision: Decision
    waited: timedelta

    @property
    def hint(self) -> tuple[str, timedelta] | None:
        """The pool and the delay, in whole seconds, of the hint that it needs."""
        if not isinstance(self.decision, Look) or not self.decision.hint:
            return None
        return self.record.pool, timedelta(seconds=ceil(self.decision.delay.total_seconds()))


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
    left = len(overdue)
    for entries in batched(overdue, AT_ONCE):
        if _is_time_up(engine, until):
            break
        cases = _read(engine, entries, now, orders)
        if cases is None:
            continue
        waits, unseen = _look(engine, cases, now, until)
        longest = max(longest, waits)
        left -= len(entries) - unseen
    if left:
        engine.telemetry.warning("sweep.cut", left=left)
    engine.telemetry.count(Metric.OLDEST_OVERDUE_SECONDS, longest.total_seconds())
    if orders.since:
        engine.telemetry.count(Metric.HALTED_SECONDS, (now - orders.since).total_seconds())
    engine.telemetry.event("sweep.done", overdue=len(overdue))
    return len(overdue)


def _is_time_up(engine: Engine, until: datetime) -> bool:
    return engine.clock.now() > until - SKEW


def _read(
    engine: Engine, entries: Sequence[Overdue], now: datetime, orders: Modes
) -> list[Case] | None:
    """The records of these entries that are still there, and what each needs.

    None when they cannot be read now: they are due still.
    """
    try:
        items = engine.due.items(entries)
    except ServiceError as error:
        engine.telemetry.warning("sweep.failed", error=error, records=len(entries))
        return None
    cases = []
    for entry in entries:
        with _alone(engine, entry, now):
            if entry.ref in items:
                cases.append(_case(engine, entry, from_encoded(items[entry.ref]), now, orders))
    return cases


def _case(
    engine: Engine,
    entry: Overdue,
    record: Task | Chunk | Group,
    now: datetime,
    orders: Modes,
) -> Case:
    is_paused = orders.of(record.pool).paused is not None
    decision = decide(record, now, is_paused=is_paused)
    if isinstance(decision, Gather):
        decision = Look(decision.due, hint=is_complete(engine, record))
    return Case(entry, record, decision, timedelta() if is_paused else waited(record, now))


def _look(
    engine: Engine, cases: list[Case], now: datetime, until: datetime
) -> tuple[timedelta, int]:
    """Give each record what it needs.

    Returns how long nobody has worked on the one that waits the longest, and for how many there was
    no time.
    """
    unsent = _hint(engine, cases, now)
    longest = timedelta()
    for seen, case in enumerate(cases):
        if _is_time_up(engine, until):
            return longest, len(cases) - seen
        with _alone(engine, case.entry, now):
            if case.entry.ref not in unsent:
                _act(engine, case.record, case.decision)
            longest = max(longest, case.waited)
    return longest, 0


def _hint(engine: Engine, cases: list[Case], now: datetime) -> set[Ref]:
    """Send the hints that are needed, by pool and delay; returns the records that got none."""
    unsent: set[Ref] = set()
    needed = sorted(((each.hint, each.entry) for each in cases if each.hint), key=itemgetter(0))
    for (pool, delay), group in groupby(needed, key=itemgetter(0)):
        entries = [entry for _, entry in group]
        refs = [entry.ref for entry in entries]
        try:
            unsent.update(send(engine, pool, refs, delay=delay))
        except ConfigurationError as error:
            unsent.update(refs)
            for entry in entries:
                _put_off(engine, entry, now, error)
    return unsent


@contextmanager
def _alone(engine: Engine, entry: Overdue, now: datetime) -> Iterator[None]:
    """What goes wrong with a record holds up neither the rest of this sweep nor the next one's."""
    try:
        yield
    except Fenced:
        # It has just been claimed, retried or ended: exactly what the sweep is for.
        return
    except Exception as error:
        _put_off(engine, entry, now, error)


def _put_off(engine: Engine, entry: Overdue, now: datetime, error: Exception) -> None:
    """Say what went wrong; what AWS refuses now is due still, the rest would go wrong again."""
    engine.telemetry.warning("sweep.failed", error=error, **entry.ref.ids)
    if not isinstance(error, ServiceError):
        engine.due.put_off(entry, now + PUT_OFF)


def _act(engine: Engine, record: Task | Chunk | Group, decision: Decision) -> None:
    match decision:
        case None:
            return
        case GiveUp(reason=reason):
            _give_up(engine, record, reason)
        case Cancel():
            _cancel(engine, record)
        case Gather():
            raise AssertionError("whether it is complete is found out when it is read")
        case Look(due=due, hint=False):
            _postpone(engine, record, due, 0 if decision.is_paused else record.sends)
        case Look(due=due):
            _postpone(engine, record, due, record.sends + 1)
            engine.telemetry.event("hint.sent_again", **record.ref.ids)
        case _:
            assert_never(decision)


def _postpone(engine: Engine, record: Task | Chunk | Group, due: datetime, sends: int) -> None:
    """Say when to look again; and let any worker find it that could start it now."""
    looked_at = replace(listed(record, engine.clock.now()), due=due, sends=sends)
    if isinstance(record, Group) or isinstance(looked_at, Group) or record.slot == looked_at.slot:
        engine.records.write(record, looked_at)
        return
    engine.tasks.rest(record, looked_at)
    wake_after(engine, record.slot)


def _cancel(engine: Engine, record: Task | Chunk | Group) -> None:
    match record:
        case Task() | Chunk():
            end(engine, record, State.CANCELLED)
        case Group():
            raise AssertionError("a group has no attempt that could crash")


def _give_up(engine: Engine, record: Task | Chunk | Group, reason: Failure) -> None:
    match record:
        case Task() | Chunk():
            fail(engine, record, reason)
        case Group():
            expires = engine.kept_until(record, engine.clock.now())
            closed = replace(record, is_closed=True, due=None, expires=expires)
            engine.records.write(record, closed)
