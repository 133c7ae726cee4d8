"""Sweeper Lambda: a tick in, overdue records hinted at again."""

from typing import Any

from windrow import wiring
from windrow.engine.registry import Registry
from windrow.engine.sweep import sweep
from windrow.lambdas.invocation import Event, Handler, LambdaContext, ends_at
from windrow.telemetry.powertools import Powertools


def build() -> Handler:
    """The handler of the deployed sweeper. It runs no task, so it knows none."""
    telemetry = Powertools()
    engine = wiring.engine(Registry([]), telemetry)

    def handler(event: Event, context: LambdaContext) -> dict[str, Any]:
        try:
            return {"overdue": sweep(engine, ends_at(engine.clock, context))}
        finally:
            telemetry.flush()

    return handler
