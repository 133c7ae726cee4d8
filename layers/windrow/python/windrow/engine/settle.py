"""Settle: what becomes of a record after an attempt: it ends, or it waits for the next one."""

from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from windrow.engine.engine import Engine
from windrow.engine.send import send
from windrow.model.records import HINT_GRACE, Chunk, Failure, Task
from windrow.model.retry import Retry
from windrow.model.states import Phase, State
from windrow.telemetry.metrics import Metric

DEADLINE_PASSED = Failure("DeadlinePassed", "It did not end by its deadline.")

METRICS = {
    State.SUCCEEDED: Metric.TASKS_SUCCEEDED,
    State.FAILED: Metric.TASKS_FAILED,
    State.CANCELLED: Metric.TASKS_CANCELLED,
}


def end(
    engine: Engine,
    record: Task | Chunk,
    state: State,
    *,
    result: str | None = None,
    error: Failure | None = None,
) -> None:
    """Store the end of a record; a task's unique key is freed in the same transaction.

    Raises Fenced when the record has moved on since it was read.
    """
    match record:
        case Task():
            after = replace(_ended(engine, record, state, error), result=result)
            engine.tasks.end(record, after)
            engine.telemetry.count(METRICS[state])
        case Chunk():
            engine.records.write(record, _ended(engine, record, state, error))
            engine.telemetry.count(Metric.CHUNKS_SETTLED)
        case _:
            assert_never(record)
    engine.telemetry.event(
        "task.settled" if isinstance(record, Task) else "chunk.settled",
        task=str(record.ref),
        state=state,
        attempt=record.attempt,
        reason=f"{error.kind}: {error.message}" if error else None,
    )


def fail(engine: Engine, record: Task | Chunk, failure: Failure) -> None:
    """End a record for good after its last attempt.

    It ends as failed; but a map whose finish is best effort has done its work by then, and ends as
    succeeded with the failure on record.
    """
    state = State.SUCCEEDED if _is_forgiven(engine, record) else State.FAILED
    end(engine, record, state, error=failure)


def failed(engine: Engine, record: Task | Chunk, retry: Retry, error: Exception) -> None:
    """After an attempt that raised: wait and try again, or give up, as the policy says."""
    failures = record.failures + 1
    delay = retry.delay(error, failures, engine.random.random())
    engine.telemetry.warning(
        "attempt.failed",
        error=error,
        task=str(record.ref),
        attempt=record.attempt,
        outcome="gave up" if delay is None else "retry",
    )
    if delay is None:
        fail(engine, record, Failure.of(error))
    else:
        _requeue(engine, record, failures, delay)


def _requeue[R: Task | Chunk](engine: Engine, record: R, failures: int, delay: timedelta) -> None:
    now = engine.clock.now()
    not_before = now + delay
    waiting = replace(
        record,
        state=record.state.to(State.QUEUED),
        failures=failures,
        sends=0,
        queued=now,
        not_before=not_before,
        due=not_before + HINT_GRACE,
        lease=None,
    )
    engine.records.write(record, waiting)
    engine.telemetry.count(Metric.ATTEMPTS_RETRIED)
    send(engine, record.pool, [record.ref], delay=delay)


def _is_forgiven(engine: Engine, record: Task | Chunk) -> bool:
    return (
        isinstance(record, Task)
        and record.phase is Phase.FINISH
        and engine.registry.map(record.name).is_finish_best_effort
    )


def _ended[R: Task | Chunk](engine: Engine, record: R, state: State, error: Failure | None) -> R:
    now = engine.clock.now()
    return replace(
        record,
        state=record.state.to(state),
        ended=now,
        expires=now + engine.retention,
        due=None,
        lease=None,
        error=error,
    )
