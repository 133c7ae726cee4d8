"""Claim: become the one attempt that may write to a record."""

from dataclasses import replace
from datetime import datetime, timedelta

from windrow.engine.engine import Engine
from windrow.engine.send import send_for_its_time
from windrow.engine.settle import CRASH_BUDGET, DEADLINE_PASSED, NOT_STARTED, end, fail
from windrow.errors import CancelRequested, Fenced
from windrow.model.records import Chunk, Failure, Task
from windrow.model.states import State

# Clocks may differ; a lease outlives the function that holds it by this much.
SKEW = timedelta(seconds=5)


def claim[R: Task | Chunk](engine: Engine, record: R, until: datetime) -> R | None:
    """Claim a record for an attempt that ends at `until` at the latest.

    Returns the record as this attempt owns it, or None when there is nothing to run: it is over, it
    is another's, its time has not come (its hint is then sent on), its budget is spent, or somebody
    asked to cancel the attempt that crashed.
    """
    now = engine.clock.now()
    if record.state is State.QUEUED and record.not_before > now:
        send_for_its_time(engine, record)
        return None
    if record.state.is_over or not is_free(record, now):
        return None
    if record.cancel_requested:
        end(engine, record, State.CANCELLED)
        return None
    if record.deadline <= now:
        fail(engine, record, DEADLINE_PASSED)
        return None
    if isinstance(record, Task) and record.is_too_late(now):
        fail(engine, record, NOT_STARTED)
        return None
    if _has_crashed(record) and record.crashes >= CRASH_BUDGET:
        fail(engine, record, _crashed(record))
        return None
    try:
        claimed = engine.records.write(record, _owned(engine, record, now, until))
    except CancelRequested:
        end(engine, record, State.CANCELLED)
        return None
    except Fenced:
        return None
    engine.telemetry.event("task.claimed", task=str(claimed.ref), attempt=claimed.attempt)
    return claimed


def is_free(record: Task | Chunk, now: datetime) -> bool:
    """May an attempt start? Queued, or running with a lease that has run out."""
    if record.state is State.QUEUED:
        return True
    return record.lease is not None and record.lease + SKEW < now


def _has_crashed(record: Task | Chunk) -> bool:
    return record.state is State.RUNNING


def _owned[R: Task | Chunk](engine: Engine, record: R, now: datetime, until: datetime) -> R:
    lease = until + SKEW
    # A due time that a sweep has put far behind the lease would hold a takeover up.
    is_due_late = record.due is not None and record.due > lease + SKEW
    return replace(
        record,
        state=record.state.to(State.RUNNING),
        attempt=record.attempt + 1,
        crashes=record.crashes + _has_crashed(record),
        sends=0,
        owner=f"{engine.random.getrandbits(64):016x}",
        lease=lease,
        due=lease + SKEW if is_due_late else record.due,
        started=record.started or now,
    )


def _crashed(record: Task | Chunk) -> Failure:
    attempts = record.crashes + 1
    return Failure("Crashed", f"It crashed or timed out {attempts} times.")
