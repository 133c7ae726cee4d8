"""Control: pause, drain and resume a pool, or all of them.

Paused or draining, what runs runs on. The difference is what happens to the rest: a pause leaves
what waits where it is and accepts more; a drain accepts no more and runs what waits. A drain and
then a pause stop a pool. An order reaches every function within five seconds, and nothing is lost
by any of them.
"""

from windrow.engine.engine import Engine
from windrow.errors import UnknownPool
from windrow.model.modes import Modes


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

    What waits starts by itself within two minutes: the sweeper sends its hints. An order for all
    pools is not taken back for a single one: the modes that are returned say so. Raises
    UnknownPool.
    """
    _check(engine, pool)
    modes = engine.control.resume(pool)
    engine.telemetry.event("pool.resumed", pool=pool or "all")
    return modes


def _check(engine: Engine, pool: str | None) -> None:
    if pool is not None and pool not in engine.queue.urls:
        raise UnknownPool(pool, sorted(engine.queue.urls))
