"""Send: hints go out; one that does not, or that is for later, is left to the sweeper."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from windrow.engine.engine import Engine
from windrow.model.records import HINT_GRACE, Record
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


def look_at(not_before: datetime, now: datetime) -> datetime:
    """When the sweeper should look at a record that may start at `not_before`.

    In time to send the hint that `send_for_its_time` leaves to it; or when that must be lost.
    """
    is_far = not_before - now > LONGEST_DELAY
    return not_before - LONGEST_DELAY if is_far else not_before + HINT_GRACE
