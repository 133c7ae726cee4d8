"""Modes as functions obey them: what an operator has asked, and what is done when nobody knows."""

from datetime import timedelta

from windrow.aws.errors import ServiceError
from windrow.engine.claim import is_free
from windrow.engine.engine import Engine
from windrow.errors import Draining
from windrow.model.modes import Modes
from windrow.model.records import Chunk, Task
from windrow.queue.hint import Later

# A hint of a paused pool comes back this often, one minute apart; the tenth receive would make it a
# dead letter. Then it is let go: the sweeper sends another when the pool is resumed.
PAUSED = Later(timedelta(minutes=1), receives=8)
# When a refused caller may come again: nobody knows how long a drain takes.
RETRY_AFTER = timedelta(minutes=1)


def modes(engine: Engine) -> Modes:
    """The modes of all pools, at most five seconds old.

    If they cannot be read, the last known ones hold; a process that never knew any takes it that
    all pools run. Work is never held up by the lack of an answer, only by an order.
    """
    try:
        return engine.control.modes()
    except ServiceError as error:
        engine.telemetry.warning("control.unread", error=error)
        return engine.control.known


def check_accepting(engine: Engine, pool: str) -> None:
    """Raise Draining for a pool that accepts no tasks."""
    if modes(engine).of(pool).draining:
        raise Draining(pool, RETRY_AFTER)


def is_held(engine: Engine, record: Task | Chunk) -> bool:
    """Would an attempt start now, if its pool were not paused?

    What needs no attempt is not held: the look at a map's chunks, and hints of what is over.
    """
    is_startable = not record.state.is_over and is_free(record, engine.clock.now())
    return is_startable and modes(engine).of(record.pool).paused is not None
