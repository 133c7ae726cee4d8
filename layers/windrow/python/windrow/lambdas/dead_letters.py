"""Dead-letters Lambda: messages of a dead-letter queue in, each noted on its record."""

from typing import Any

from windrow import wiring
from windrow.engine.bury import bury
from windrow.engine.engine import Engine
from windrow.engine.registry import Registry
from windrow.lambdas.batch import Message, each_message
from windrow.lambdas.invocation import Event, Handler
from windrow.lambdas.observed import observed
from windrow.queue.hint import UnreadableHint, decode
from windrow.telemetry.metrics import Metric
from windrow.telemetry.powertools import Powertools


def build() -> Handler:
    """The handler of the deployed dead-letters function."""
    telemetry = Powertools()
    engine = wiring.engine(Registry([]), telemetry)

    return observed(telemetry, lambda event, _context: note(engine, event))


def note(engine: Engine, event: Event) -> dict[str, Any]:
    """Note each dead hint. What is no hint is logged with its body: nobody could redrive it."""

    def note_one(message: Message) -> bool:
        try:
            ref = decode(message["body"])
        except UnreadableHint as error:
            engine.telemetry.count(Metric.DEAD_LETTERS)
            engine.telemetry.warning("letter.unreadable", error=error)
        else:
            bury(engine, ref)
        return True

    return each_message(event, engine.telemetry, note_one)
