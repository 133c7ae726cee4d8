"""Sweeper Lambda: a tick in, overdue records hinted at again."""

from windrow import wiring
from windrow.engine.registry import Registry
from windrow.engine.sweep import sweep
from windrow.lambdas.invocation import Event, Handler, LambdaContext, ends_at
from windrow.lambdas.observed import observed
from windrow.telemetry.powertools import Powertools


def build() -> Handler:
    """The handler of the deployed sweeper. It runs no task, so it knows none."""
    telemetry = Powertools()
    engine = wiring.engine(Registry([]), telemetry)

    def tick(_event: Event, context: LambdaContext) -> dict[str, int]:
        return {"overdue": sweep(engine, ends_at(engine.clock, context))}

    return observed(telemetry, tick)
