"""Bury: note on a record that a hint of it died. Diagnosis only: its `due` brings the next hint."""

from dataclasses import replace

from windrow.engine.engine import Engine
from windrow.errors import Fenced
from windrow.model.records import Group
from windrow.model.ref import Ref, ScheduleRef
from windrow.telemetry.metrics import Metric

TRIES = 3


def bury(engine: Engine, ref: Ref | ScheduleRef) -> None:
    """Count a dead hint, on its record too unless that is over or gone; or a schedule's."""
    engine.telemetry.count(Metric.DEAD_LETTERS)
    engine.telemetry.warning("hint.died", error=None, **ref.ids)
    if isinstance(ref, ScheduleRef):
        return
    for _ in range(TRIES):
        record = engine.records.read(ref)
        if record is None or isinstance(record, Group) or record.state.is_over:
            return
        try:
            engine.records.write(record, replace(record, dead=record.dead + 1))
        except Fenced:
            continue
        return
