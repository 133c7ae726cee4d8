"""Worker Lambda: a batch of hints in, the messages that failed out."""

from typing import Any

from windrow import wiring
from windrow.engine.engine import Engine
from windrow.engine.registry import Registry
from windrow.engine.run import run
from windrow.lambdas.batch import Message, each_message
from windrow.lambdas.invocation import Event, Handler, LambdaContext, ends_at
from windrow.lambdas.observed import observed
from windrow.model.trace import TRACEPARENT, tracing
from windrow.queue.hint import Later, decode
from windrow.system.deliver import delivering
from windrow.telemetry.powertools import Powertools


def build(registry: Registry) -> Handler:
    """The handler of a deployed worker; the environment is read here, once a cold start."""
    telemetry = Powertools()
    engine = wiring.engine(registry, telemetry, delivering=delivering)

    return observed(telemetry, lambda event, context: work(engine, event, context))


def work(engine: Engine, event: Event, context: LambdaContext) -> dict[str, Any]:
    """Do what each hint points at."""
    until = ends_at(engine.clock, context)

    def handle(message: Message) -> bool:
        pool = engine.queue.pool(message["eventSourceARN"])
        with tracing(_traceparent(message)):
            later = run(engine, decode(message["body"]), until, pool)
        return later is None or not _is_postponed(engine, message, later)

    return each_message(event, engine.telemetry, handle)


def _traceparent(message: Message) -> str | None:
    attribute = message.get("messageAttributes", {}).get(TRACEPARENT, {})
    value: str | None = attribute.get("stringValue")
    return value


def _is_postponed(engine: Engine, message: Message, later: Later) -> bool:
    """Have a hint come back after a while, unless it has come back often enough."""
    if int(message["attributes"]["ApproximateReceiveCount"]) >= later.receives:
        return False
    engine.queue.postpone(message["eventSourceARN"], message["receiptHandle"], later.after)
    return True
