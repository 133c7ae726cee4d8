"""Redrive: send fresh hints for the tasks of a pool whose hints died.

Letters of a dead-letter queue are read as they come, and each is noted on its record (`dead`). So
what there is to redrive is known by the records, and nothing is moved between queues. Whoever
moves letters all the same, by SQS's own redrive, sends hints that are late: they cost a look each.
"""

from dataclasses import dataclass
from itertools import batched

from windrow.engine.engine import Engine
from windrow.engine.live import live
from windrow.engine.send import send
from windrow.errors import UnknownPool
from windrow.queue.sqs import BATCH


@dataclass(frozen=True, slots=True)
class Redriven:
    """How many tasks and chunks were hinted at, and how many hints could not be sent."""

    hinted: int
    unsent: int


def redrive(engine: Engine, pool: str) -> Redriven:
    """Hint at every task and chunk of a pool that has dead hints and is not over.

    It writes nothing: a second redrive sends a second hint, which costs a look. Without a redrive
    the sweeper sends these hints too, but up to an hour later. Raises UnknownPool, ServiceError.
    """
    if pool not in engine.queue.urls:
        raise UnknownPool(pool, sorted(engine.queue.urls))
    found = live(engine, engine.due.everything())
    dead = (record.ref for record in found if record.pool == pool and record.dead)
    hinted = unsent = 0
    for refs in batched(dead, BATCH):
        left = send(engine, pool, refs)
        hinted, unsent = hinted + len(refs) - len(left), unsent + len(left)
    engine.telemetry.event("pool.redriven", pool=pool, hinted=hinted)
    return Redriven(hinted, unsent)
