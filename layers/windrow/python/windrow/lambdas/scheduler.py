"""Scheduler Lambda: a fired schedule in, a submitted task out."""

from typing import Any

from windrow import wiring
from windrow.engine.engine import Engine
from windrow.engine.registry import Registry
from windrow.engine.submit import submit
from windrow.lambdas.invocation import Event, Handler
from windrow.lambdas.observed import observed
from windrow.telemetry.powertools import Powertools


def build(registry: Registry) -> Handler:
    """The handler of the deployed scheduler."""
    telemetry = Powertools()
    engine = wiring.engine(registry, telemetry)

    return observed(telemetry, lambda event, _context: fire(engine, event))


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
