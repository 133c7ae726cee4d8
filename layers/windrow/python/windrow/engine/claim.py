"""Claim: become the one attempt that may write to a record."""

from dataclasses import replace
from datetime import datetime, timedelta

from windrow.engine.definition import Definition, Limit
from windrow.engine.engine import Engine
from windrow.engine.send import send
from windrow.engine.settle import CRASH_BUDGET, DEADLINE_PASSED, NOT_STARTED, end, fail
from windrow.engine.wake import wake
from windrow.errors import CancelRequested, Fenced
from windrow.model.records import Chunk, Failure, Group, Task
from windrow.model.states import State
from windrow.store.ready import is_listed

# Clocks may differ; a lease outlives the function that holds it by this much.
SKEW = timedelta(seconds=5)
# What is due within this time may be in a sweeper's hands, if its clock is ahead of ours.
NEARLY_DUE = timedelta(seconds=30)
# The index shows what was written within about a second.
SECOND_LOOK = timedelta(seconds=2)


def claim[R: Task | Chunk](
    engine: Engine, record: R, until: datetime, limit: Limit | None = None
) -> R | None:
    """Claim a record for an attempt that ends at `until` at the latest.

    Returns the record as this attempt owns it, or None when there is nothing to run: it is over, it
    is another's, its time has not come, it was given up, or no slot of its limit is free. Then it
    waits for one outside of everybody's way.
    """
    now = engine.clock.now()
    if is_early(record, now):
        return None
    if not is_free(record, now) or is_given_up(engine, record):
        _pass_on(engine, limit)
        return None
    try:
        claimed = _claimed(engine, record, _owned(engine, record, now, until), limit)
        if claimed is None:
            return None
    except CancelRequested:
        end(engine, record, State.CANCELLED)
        _pass_on(engine, limit)
        return None
    except Fenced:
        _pass_on(engine, limit)
        return None
    engine.telemetry.event("task.claimed", **claimed.ref.ids, attempt=claimed.attempt)
    return claimed


def ends_at(
    engine: Engine, definition: Definition, record: Task | Chunk, until: datetime
) -> datetime:
    """When an attempt that starts now must be over: the platform, its timeout or deadline says."""
    ends = min(until, record.deadline)
    return min(ends, engine.clock.now() + definition.timeout) if definition.timeout else ends


def cut_off(claimed: Task | Chunk) -> datetime:
    """When an attempt that was claimed must be over."""
    if claimed.lease is None:
        raise AssertionError("whoever claims a record has a lease")
    return claimed.lease - SKEW


def is_early(record: Task | Chunk, now: datetime) -> bool:
    """Does it wait for a time that is still to come?"""
    return record.state is State.QUEUED and record.not_before > now


def is_given_up(engine: Engine, record: Task | Chunk) -> bool:
    """End a record that no attempt may start any more, and say whether it was one.

    Its time is over, its budget is spent, or somebody asked to cancel the attempt that crashed.
    """
    now = engine.clock.now()
    if record.cancel_requested:
        end(engine, record, State.CANCELLED)
    elif record.deadline <= now:
        fail(engine, record, DEADLINE_PASSED)
    elif isinstance(record, Task) and record.is_too_late(now):
        fail(engine, record, NOT_STARTED)
    elif _has_crashed(record) and record.crashes >= CRASH_BUDGET:
        fail(engine, record, _crashed(record))
    else:
        return False
    return True


def enlist(engine: Engine, task: Task) -> Task:
    """Let a task wait in the `ready` index that could start now, because another one goes first.

    One whose time has just come is not in it yet, and neither is one that a slot was found for, or
    one whose attempt crashed: that is counted here. One that is in it already costs nothing.
    Raises Fenced when it has moved on.
    """
    return task if is_listed(task) else _wait(engine, task, None)


def is_unlisted(record: Task | Chunk, now: datetime) -> bool:
    """Is it a task whose time has come since it was queued, and that no other's hint can find?"""
    if not isinstance(record, Task) or record.state is not State.QUEUED:
        return False
    return not is_early(record, now) and not is_listed(record) and record.waits_for is None


def listed[R: Task | Chunk | Group](record: R, now: datetime) -> R:
    """A task as the index shall show it, if it could start now and is not there.

    Its own hint would list it too, but stands behind all others of the queue. A crashed attempt is
    counted; one whose crashes are used up is left as it is, for its hint to end it.
    """
    if not isinstance(record, Task):
        return record
    has_crashed = _has_crashed(record) and is_free(record, now) and record.crashes < CRASH_BUDGET
    return _waiting(record, None) if has_crashed or is_unlisted(record, now) else record


def _claimed[R: Task | Chunk](engine: Engine, record: R, owned: R, limit: Limit | None) -> R | None:
    if limit is None:
        return engine.records.write(record, owned)
    overdue = engine.clock.now() - SKEW
    claimed = engine.tasks.slots.claim(record, owned, limit.name, limit.count, overdue=overdue)
    if claimed is None and record.waits_for != limit.name:
        _wait(engine, record, limit.name)
        engine.telemetry.event("task.waits_for_slot", **record.ref.ids, limit=limit.name)
        # A slot that was freed just now was freed before the index shows who waits.
        send(engine, record.pool, [record.ref], delay=SECOND_LOOK)
    return claimed


def _pass_on(engine: Engine, limit: Limit | None) -> None:
    """Wake another one: two slots that were freed at once may have woken this one twice."""
    if limit is not None:
        wake(engine, limit.name)


def _wait[R: Task | Chunk](engine: Engine, record: R, limit: str | None) -> R:
    """Let a record that could start now wait: in the index, or for a slot of a limit."""
    return engine.tasks.rest(record, _waiting(record, limit))


def _waiting[R: Task | Chunk](record: R, limit: str | None) -> R:
    return replace(
        record,
        state=State.QUEUED if record.state is State.QUEUED else record.state.to(State.QUEUED),
        crashes=record.crashes + _has_crashed(record),
        lease=None,
        slot=None,
        # As after any other attempt: it waits since the last one was over.
        queued=max(record.queued, record.not_before, record.lease or record.queued),
        waits_for=limit,
    )


def is_free(record: Task | Chunk, now: datetime) -> bool:
    """May an attempt start? Queued, or running with a lease that has run out."""
    if record.state is State.QUEUED:
        return True
    return record.lease is not None and record.lease + SKEW < now


def _has_crashed(record: Task | Chunk) -> bool:
    return record.state is State.RUNNING


def _owned[R: Task | Chunk](engine: Engine, record: R, now: datetime, until: datetime) -> R:
    lease = until + SKEW
    return replace(
        record,
        state=record.state.to(State.RUNNING),
        attempt=record.attempt + 1,
        crashes=record.crashes + _has_crashed(record),
        sends=0,
        slot=None,
        waits_for=None,
        owner=f"{engine.random.getrandbits(64):016x}",
        lease=lease,
        due=_next_look(record, now, lease + SKEW),
        started=record.started or now,
        error=None,
    )


def _next_look(record: Task | Chunk, now: datetime, after_lease: datetime) -> datetime | None:
    """When the sweeper should look; a due time behind the lease's end would hold a takeover up.

    It is left alone where it cannot lie there, because moving it is three writes to the index. One
    that has nearly come may be moved far away by a sweep at this very moment, so it is replaced.
    """
    if record.due is None or now + NEARLY_DUE < record.due <= after_lease:
        return record.due
    return after_lease


def _crashed(record: Task | Chunk) -> Failure:
    attempts = record.crashes + 1
    return Failure("Crashed", f"It crashed or timed out {attempts} times.")
