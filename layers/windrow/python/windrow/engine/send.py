"""Send: hints go out; one that does not is counted, and left to the sweeper."""

from collections.abc import Sequence
from datetime import timedelta

from windrow.engine.engine import Engine
from windrow.model.ref import Ref
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
