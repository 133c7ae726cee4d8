"""Scheduler Lambda: an alarm clock's ring in, submitted tasks out."""

from typing import Any

from windrow import wiring
from windrow.engine.declared import reconcile, tick
from windrow.engine.engine import Engine
from windrow.engine.look import look
from windrow.engine.registry import Registry
from windrow.engine.submit import submit
from windrow.engine.sync import sync
from windrow.lambdas.invocation import Event, Handler
from windrow.lambdas.observed import observed
from windrow.model.ref import ScheduleRef
from windrow.model.scheduled import Standing
from windrow.telemetry.powertools import Powertools


def build(registry: Registry) -> Handler:
    """The handler of the deployed scheduler."""
    telemetry = Powertools()
    engine = wiring.engine(registry, telemetry)

    return observed(telemetry, lambda event, _context: answer(engine, event))


def answer(engine: Engine, event: Event) -> dict[str, Any]:
    """What an event asks for.

    {"task", "schedule", "scheduled_time"}: a schedule of the template's fires
    {"tenant", "schedule", "scheduled_time"}: a schedule of the table's does
    {"schedule": "tick"}: look after what others have left
    {"schedule": "sync"}: a deployment is done, so make what its code declares
    """
    if "task" in event:
        return fire(engine, event)
    if "tenant" in event:
        return ring(engine, ScheduleRef(event["tenant"], event["schedule"]))
    if event["schedule"] == "sync":
        reconciled = reconcile(engine)
        return {"made": reconciled.made, "changed": reconciled.changed}
    return {"overdue": tick(engine)}


def ring(engine: Engine, ref: ScheduleRef) -> dict[str, Any]:
    """Start what a schedule has planned until now, as often as this is asked for.

    A clock that rings for a schedule which stands still, or is gone, is stopped.
    """
    seen = look(engine, ref, is_ahead=True)
    if seen is None or seen.standing is not Standing.ACTIVE or not seen.is_synced:
        sync(engine, ref)
    return {"standing": None if seen is None else seen.standing}


def fire(engine: Engine, event: Event) -> dict[str, Any]:
    """Submit the task of a schedule: {"task", "schedule", "scheduled_time"}, and "params" if any.

    EventBridge Scheduler fires at least once; its execution id differs from try to try, the planned
    time does not. So that names the task, and a second fire meets the first one's.
    """
    submission = submit(
        engine,
        event["task"],
        event.get("params"),
        key=f"schedule/{event['schedule']}/{event['scheduled_time']}",
    )
    return {"task": submission.task.ref.task, "is_new": submission.is_new}
