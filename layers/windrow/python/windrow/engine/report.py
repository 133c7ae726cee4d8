"""Report: what an operator asks before and while a system stops."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from windrow.engine.claim import SKEW
from windrow.engine.engine import Engine
from windrow.engine.live import live
from windrow.model.modes import Mode, Modes
from windrow.model.records import Chunk, Task
from windrow.model.states import State
from windrow.store.control import FRESH

# How many live records are looked at: twenty reads of a hundred, a second or two.
MOST = 2_000
# The index lags by about a second.
LAG = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolReport:
    """How one pool stands.

    since     since when its mode is not `run`
    running   attempts that may be running now: tasks and chunks with a live lease
    waiting   tasks and chunks that would start if a worker were free (and the pool not paused)
    delayed   those whose time has not come
    oldest    since when the one waits that has waited longest
    """

    pool: str
    mode: Mode
    since: datetime | None
    running: int
    waiting: int
    delayed: int
    oldest: datetime | None

    def is_quiet(self, now: datetime) -> bool:
        """Has everything ended that will end without another order?

        Never in a pool that runs, and not before the order has reached every function.
        """
        if self.since is None or now - self.since < FRESH + LAG or self.running:
            return False
        return not self.mode.starts or not (self.waiting or self.delayed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownReport:
    """The whole system, and each pool.

    accepting_new_tasks   some pool accepts submissions
    active_tasks          tasks that were accepted and are not over; a map is one
    shutdown_initiated    some pool accepts none, as an operator ordered
    is_partial            there is more than was looked at: every number is "at least"
    """

    accepting_new_tasks: bool
    active_tasks: int
    shutdown_initiated: bool
    pools: tuple[PoolReport, ...]
    is_partial: bool
    at: datetime

    @property
    def is_quiet(self) -> bool:
        """Has everything ended that will end without another order? What a caller polls for."""
        return not self.is_partial and all(pool.is_quiet(self.at) for pool in self.pools)


def shutdown_report(engine: Engine, *, most: int = MOST) -> ShutdownReport:
    """Where a shutdown stands, from the records themselves.

    The index by due time names every record that is not over; at most `most` of them are read,
    strongly consistent, a hundred by a call. A task of the last second may be missing: the index
    lags. It writes nothing. Raises ServiceError.
    """
    now = engine.clock.now()
    modes = engine.control.read()
    entries = list(islice(engine.due.everything(), most + 1))
    records = list(live(engine, entries[:most]))
    pools = {*engine.queue.urls, *(record.pool for record in records)}
    reports = tuple(_pool(pool, modes, records, now) for pool in sorted(pools))
    return ShutdownReport(
        accepting_new_tasks=any(report.mode.accepts for report in reports),
        active_tasks=sum(isinstance(record, Task) for record in records),
        shutdown_initiated=not all(report.mode.accepts for report in reports),
        pools=reports,
        is_partial=len(entries) > most,
        at=now,
    )


def _pool(pool: str, modes: Modes, records: list[Task | Chunk], now: datetime) -> PoolReport:
    own = [record for record in records if record.pool == pool]
    standing = Counter(_standing(record, now) for record in own)
    waiting = [record for record in own if _standing(record, now) == "waiting"]
    orders = modes.of(pool)
    return PoolReport(
        pool=pool,
        mode=orders.mode,
        since=orders.since,
        running=standing["running"],
        waiting=standing["waiting"],
        delayed=standing["delayed"],
        oldest=min((_since(record) for record in waiting), default=None),
    )


def _standing(record: Task | Chunk, now: datetime) -> str:
    if record.state is State.QUEUED:
        return "delayed" if record.not_before > now else "waiting"
    if record.lease is None:
        return "mapped"  # A map in its chunks: they are what runs and waits.
    return "running" if record.lease + SKEW >= now else "waiting"


def _since(record: Task | Chunk) -> datetime:
    if record.state is State.RUNNING and record.lease:
        return record.lease
    return max(record.queued, record.not_before)
