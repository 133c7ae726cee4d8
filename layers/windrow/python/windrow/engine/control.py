"""Control: pause, drain and resume a pool, or all of them.

Paused or draining, what runs runs on. The difference is what happens to the rest: a pause leaves
what waits where it is and accepts more; a drain accepts no more and runs what waits. A drain and
then a pause stop a pool. An order reaches every function within five seconds, and nothing is lost
by any of them.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from windrow.aws.errors import ServiceError
from windrow.engine.claim import is_free
from windrow.engine.engine import Engine
from windrow.engine.live import live
from windrow.engine.send import send
from windrow.errors import UnknownPool
from windrow.model.modes import Modes
from windrow.model.records import Chunk, Task
from windrow.store.control import FRESH

# How many records a resume hints at, and how long it looks for them: somebody waits for its answer.
WOKEN = 1_000
LONGEST_LOOK = timedelta(seconds=10)


def pause(engine: Engine, pool: str | None = None) -> Modes:
    """Start nothing in a pool, or in any, until it is resumed; submissions are still accepted.

    Deadlines go on: a task whose deadline passes while it waits ends as failed. Returns the modes
    as they are now. Given twice it changes nothing. Raises UnknownPool.
    """
    _check(engine, pool)
    modes = engine.control.pause(pool)
    engine.telemetry.event("pool.paused", pool=pool or "all")
    return modes


def drain(engine: Engine, pool: str | None = None) -> Modes:
    """Refuse submissions to a pool, or to any, with Draining; what was accepted is still done.

    A pause of the same pool is taken back, for a paused pool would never be empty. Returns the
    modes as they are now. Given twice it changes nothing. Raises UnknownPool.
    """
    _check(engine, pool)
    modes = engine.control.drain(pool)
    engine.telemetry.event("pool.drained", pool=pool or "all")
    return modes


def resume(engine: Engine, pool: str | None = None) -> Modes:
    """Let a pool run again; without one, all of them, whatever was ordered for each.

    What waited in a pause starts by itself: the first thousand tasks and chunks that are found in
    ten seconds are hinted at here, for the moment at which every function knows of it, the rest
    within two minutes by the sweeper.
    An order for all pools is not taken back for a single one: the modes that are returned say so.
    Raises UnknownPool.
    """
    _check(engine, pool)
    before = engine.control.read()
    modes = engine.control.resume(pool)
    engine.telemetry.event("pool.resumed", pool=pool or "all")
    _wake(engine, {name for name in engine.queue.urls if _starts_again(name, before, modes)})
    return modes


def _starts_again(pool: str, before: Modes, after: Modes) -> bool:
    return not before.of(pool).mode.starts and after.of(pool).mode.starts


def _wake(engine: Engine, pools: set[str]) -> None:
    """Hint at what waits in these pools; what cannot be hinted at now is left to the sweeper."""
    if not pools:
        return
    try:
        waiting = list(islice(_waiting(engine, pools), WOKEN))
    except ServiceError as error:
        engine.telemetry.warning("pool.not_woken", error=error, pools=sorted(pools))
        return
    for pool in sorted(pools):
        refs = [each.ref for each in waiting if each.pool == pool]
        # A function that has not read the order yet would put the hint off for a minute.
        send(engine, pool, refs, delay=FRESH)


def _waiting(engine: Engine, pools: set[str]) -> Iterator[Task | Chunk]:
    """What could start in these pools, as far as it is found before the time is up."""
    now = engine.clock.now()
    for record in live(engine, engine.due.everything()):
        if engine.clock.now() > now + LONGEST_LOOK:
            return
        if record.pool in pools and is_free(record, now):
            yield record


def _check(engine: Engine, pool: str | None) -> None:
    if pool is not None and pool not in engine.queue.urls:
        raise UnknownPool(pool, sorted(engine.queue.urls))
