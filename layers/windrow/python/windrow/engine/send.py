"""Send: hints go out; one that does not, or that is for later, is left to the sweeper."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from windrow.engine.engine import Engine
from windrow.model.records import HINT_GRACE, Chunk, Record, Task
from windrow.model.ref import Ref
from windrow.queue.sqs import LONGEST_DELAY
from windrow.telemetry.metrics import Metric


def send(
    engine: Engine, pool: str, refs: Sequence[Ref], *, delay: timedelta = timedelta()
) -> list[Ref]:
    """Hint at records; returns those whose hint was not sent. Their `due` brings the sweeper."""
    unsent = engine.queue.send(pool, refs, delay=delay)
    engine.telemetry.count(Metric.HINTS_SENT, len(refs) - len(unsent))
    if unsent:
        engine.telemetry.count(Metric.HINTS_FAILED, len(unsent))
        engine.telemetry.warning("hint.unsent", pool=pool, refs=[str(ref) for ref in unsent])
    return unsent


def send_for_its_time(engine: Engine, record: Record) -> None:
    """Hint at a record for when it may start, if a queue holds a message for so long."""
    wait = record.not_before - engine.clock.now()
    if wait <= LONGEST_DELAY:
        send(engine, record.pool, [record.ref], delay=wait)


def look_at(record: Task | Chunk, now: datetime) -> datetime:
    """When the sweeper should look at a record that starts no earlier than its `not_before`.

    In time to send the hint that `send_for_its_time` leaves to it; or when a task's time has come,
    to list it: its hint is behind all others in the queue. What is listed at once, and a chunk, is
    looked at when its hint must be lost.
    """
    wait = record.not_before - now
    if wait > LONGEST_DELAY:
        return record.not_before - LONGEST_DELAY
    if isinstance(record, Task) and wait > timedelta():
        return record.not_before
    return record.not_before + HINT_GRACE
