"""Settle: what becomes of a record after an attempt: it ends, or it waits for the next one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never, cast

from windrow.aws.errors import Unavailable
from windrow.engine.engine import Engine
from windrow.engine.payloads import keep_result
from windrow.engine.retries import Verdict
from windrow.engine.send import (
    look_at,
    send,
    send_for_its_time,
    tell_parent,
    tell_schedule,
)
from windrow.engine.wake import wake_after
from windrow.errors import CancelRequested, WindrowError
from windrow.model.children import may_have_children
from windrow.model.records import HINT_GRACE, Chunk, Failure, Lost, Progress, Task
from windrow.model.states import Phase, State
from windrow.model.system import is_system
from windrow.telemetry.metrics import Metric

DEADLINE_PASSED = Failure("DeadlinePassed", "It did not end by its deadline.")
NOT_STARTED = Failure("NotStarted", "No worker was free to start it in time.")

# Killed, timed out, out of memory, cut off from AWS: not the task's fault, until too often.
CRASH_BUDGET = 5
# The first wait is seconds, all of them together outlast an outage of ten minutes.
INTERRUPTION = timedelta(seconds=2)
LONGEST_INTERRUPTION = timedelta(minutes=15)

METRICS = {
    State.SUCCEEDED: Metric.TASKS_SUCCEEDED,
    State.FAILED: Metric.TASKS_FAILED,
    State.CANCELLED: Metric.TASKS_CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Ended:
    """That all children of a task have ended: how many did not succeed, and what is to follow."""

    lost: int
    callback: Task | None = None


def end(
    engine: Engine,
    record: Task | Chunk,
    state: State,
    *,
    result: str | None = None,
    error: Failure | None = None,
    progress: Progress | None = None,
    lost: tuple[Lost, ...] | None = None,
    before: Task | Chunk | None = None,
    children: Ended | None = None,
    tells_parent: bool = True,
) -> Task | Chunk:
    """Store and return the end of a record; a task's unique key is freed in the same transaction.

    A task that may have children waits for them first: it is returned as it waits. `children` is
    what whoever has seen all of them ended makes of that. The parent of a child that ends is looked
    at by the attempt that ended it, and by a hint where that was somebody else.

    `progress` is a map's last, where it has not been stored yet. `lost` are all the items of a
    chunk that failed, when none is left to do. `before` is the version that stands, where `record`
    says more than was written.

    Raises Fenced when the record has moved on since it was read.
    """
    ended: Task | Chunk
    stands = before or record
    match record:
        case Task() if children is None and may_have_children(record):
            return _wait_for_children(engine, cast(Task, stands), record, state, result, error)
        case Task():
            after = replace(
                _ended(engine, record, state, error), progress=progress or record.progress
            )
            if children is not None:
                after = replace(after, lost_children=children.lost)
            if result is not None:
                after = _with_result(engine, after, result)
            elif state is State.SUCCEEDED and (after.result or after.result_object):
                after = replace(after, result_expires=_result_expires(engine, after))
            callback = children.callback if children else None
            ended = engine.tasks.end(cast(Task, stands), after, callback=callback)
            tell_schedule(engine, ended)
            if not is_system(record.name):
                # A receiver that takes nothing is no failure of the deployment's own.
                engine.telemetry.count(METRICS[state])
        case Chunk():
            over = _ended(engine, record, state, error)
            if lost is not None:
                over = replace(over, left=None, lost=lost)
            ended = engine.tasks.rest(stands, over)
            engine.telemetry.count(Metric.CHUNKS_SETTLED)
        case _:
            assert_never(record)
    engine.telemetry.event(
        "task.settled" if isinstance(record, Task) else "chunk.settled",
        **record.ref.ids,
        state=state,
        attempt=record.attempt,
        reason=f"{error.kind}: {error.message}" if error else None,
    )
    wake_after(engine, record.slot)
    if isinstance(ended, Task) and tells_parent and not _is_of_an_attempt(engine, record):
        tell_parent(engine, ended)
    return ended


def _is_of_an_attempt(engine: Engine, record: Task | Chunk) -> bool:
    return record.lease is not None and record.lease > engine.clock.now()


def _wait_for_children(
    engine: Engine,
    before: Task,
    record: Task,
    verdict: State,
    result: str | None,
    error: Failure | None,
) -> Task:
    """Let a task that would end now wait for its children: whoever ends the last one ends it.

    Its own hint makes a worker look: the last of them may have ended already, or there is none.
    Raises Fenced when it has moved on, also when it has begun another child.
    """
    now = engine.clock.now()
    waiting = replace(
        record,
        state=record.state.to(State.RUNNING),
        phase=Phase.CHILDREN,
        verdict=verdict,
        error=error,
        owner=None,
        lease=None,
        slot=None,
        waits_for=None,
        due=now + HINT_GRACE,
    )
    if result is not None:
        text, key = keep_result(engine, waiting, result)
        waiting = replace(waiting, result=text, result_object=key)
    engine.tasks.rest(before, waiting)
    engine.telemetry.event(
        "task.waits_for_children", **record.ref.ids, children=record.children, verdict=verdict
    )
    wake_after(engine, before.slot)
    send(engine, waiting.pool, [waiting.ref])
    return waiting


def fail(
    engine: Engine, record: Task | Chunk, failure: Failure, before: Task | Chunk | None = None
) -> None:
    """End a record for good, because its attempts, its crashes or its time are used up.

    It ends as failed; but a map that has only a best-effort finish to do has done its work, and
    ends as succeeded with the failure on record.
    """
    is_forgiven = isinstance(record, Task) and record.is_work_done
    state = State.SUCCEEDED if is_forgiven else State.FAILED
    end(engine, record, state, error=failure, before=before)


def failed(
    engine: Engine,
    record: Task | Chunk,
    error: BaseException,
    verdict: Verdict,
    before: Task | Chunk | None = None,
) -> None:
    """After an attempt that raised: wait and try again, or give up, as the verdict says."""
    engine.telemetry.warning(
        "attempt.failed",
        error=error,
        **record.ref.ids,
        attempt=record.attempt,
        outcome="gave up" if verdict.delay is None else "retry",
    )
    if verdict.delay is None:
        fail(engine, record, verdict.reason, before)
    else:
        waiting = replace(record, failures=record.failures + 1, error=verdict.reason)
        _requeue(engine, before or record, waiting, verdict.delay)
        engine.telemetry.count(Metric.ATTEMPTS_RETRIED)


def stopped(
    engine: Engine,
    record: Task | Chunk,
    error: BaseException,
    before: Task | Chunk | None = None,
) -> None:
    """After an attempt that knew of a request to cancel, and raised: that is how it stopped."""
    engine.telemetry.warning(
        "attempt.failed",
        error=error,
        **record.ref.ids,
        attempt=record.attempt,
        outcome="cancelled",
    )
    end(engine, record, State.CANCELLED, before=before)


def partly_failed(
    engine: Engine, chunk: Chunk, left: tuple[int, ...], lost: tuple[Lost, ...], delay: timedelta
) -> None:
    """After an attempt that left some items to try again: the chunk waits for them alone."""
    waiting = replace(chunk, failures=chunk.failures + 1, left=left, lost=lost)
    _requeue(engine, chunk, waiting, delay)
    engine.telemetry.count(Metric.ATTEMPTS_RETRIED)


def interrupted(
    engine: Engine, record: Task | Chunk, error: WindrowError, before: Task | Chunk | None = None
) -> None:
    """After an attempt that the platform interrupted: wait a little, or end with the reason.

    `before` is the version that surely was written, where nobody knows whether `record` was.
    What cannot be stored now either is left to the lease: another attempt takes over after it, and
    counts this one.
    """
    crashes = record.crashes + 1
    engine.telemetry.warning(
        "attempt.interrupted", error=error, **record.ref.ids, attempt=record.attempt
    )
    if not error.retryable or crashes > CRASH_BUDGET:
        fail(engine, record, Failure.of(error))
    else:
        longest = min(INTERRUPTION * float(4**crashes), LONGEST_INTERRUPTION)
        delay = longest * (0.5 + engine.random.random() / 2)
        waiting = replace(record, crashes=crashes, error=Failure.of(error))
        try:
            _requeue(engine, before or record, waiting, delay)
        except Unavailable as unstored:
            engine.telemetry.warning("attempt.left", error=unstored, **record.ref.ids)
            return
        engine.telemetry.count(Metric.ATTEMPTS_RETRIED)


def continued[R: Task | Chunk](engine: Engine, before: R, after: R) -> None:
    """After an attempt whose time is up and whose work is not: another one goes on, at once."""
    counted = replace(after, continuations=before.continuations + 1)
    _requeue(engine, before, counted, timedelta())


def _requeue[R: Task | Chunk](engine: Engine, before: R, record: R, delay: timedelta) -> None:
    """Let a record wait for its next attempt; one that is to be cancelled has had its last."""
    now = engine.clock.now()
    not_before = now + delay
    waiting = replace(
        record,
        state=record.state.to(State.QUEUED),
        sends=0,
        queued=now,
        not_before=not_before,
        lease=None,
        slot=None,
    )
    waiting = replace(waiting, due=look_at(waiting, now))
    try:
        engine.tasks.rest(before, waiting)
    except CancelRequested:
        end(engine, record, State.CANCELLED, before=before)
        return
    send_for_its_time(engine, waiting)
    wake_after(engine, before.slot)


def _with_result(engine: Engine, task: Task, result: str) -> Task:
    text, key = keep_result(engine, task, result)
    expires = _result_expires(engine, task)
    return replace(task, result=text, result_object=key, result_expires=expires)


def _result_expires(engine: Engine, task: Task) -> datetime:
    # With the record goes the last that knows of the result.
    kept = min(engine.registry.get(task.name).keep_result, engine.retention)
    return engine.clock.now() + kept


def _ended[R: Task | Chunk](engine: Engine, record: R, state: State, error: Failure | None) -> R:
    now = engine.clock.now()
    return replace(
        record,
        state=record.state.to(state),
        ended=now,
        expires=engine.kept_until(record, now),
        due=None,
        lease=None,
        slot=None,
        waits_for=None,
        error=error,
    )
