"""Result: what a task came to, for whoever asks."""

from windrow.engine.engine import Engine
from windrow.model.ref import Ref
from windrow.store.results import Result, Results


def result(engine: Engine, ref: Ref) -> Result:
    """The result of a task: its JSON, or a link to it; how the task stands while there is none.

    Raises NotFound, and ResultExpired once its time is over; over HTTP both are 404.
    """
    return Results(engine.records, engine.bucket, engine.clock).of(ref)
