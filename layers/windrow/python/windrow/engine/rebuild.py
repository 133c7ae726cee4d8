"""Rebuild: what the rollups must be, from the tasks themselves, beside what they are.

The counting stands still for as long as it takes to read the rows, seconds, and tasks never do.
What the rows must be is the sum over all tasks as they stood where the counting stood. So those
that have changed since are taken from the stream: the old image of the first change after that
place.

What is wrong is added, not set: the counting goes on meanwhile, and neither loses the other's.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from typing import Any

from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.aws.errors import ConditionFailed, Unavailable
from windrow.engine.changed_since import changed_since
from windrow.engine.cut import Cut, cut, recomputed, release
from windrow.engine.engine import Engine
from windrow.errors import RebuildRuns
from windrow.model.figures import (
    Figures,
    Row,
    facts,
)
from windrow.model.filters import every_standing
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.store.items import from_encoded
from windrow.store.keys import key, list_shards, ref
from windrow.store.positions import Position, Positions
from windrow.store.removal import removed_until
from windrow.store.rollups import Rollups
from windrow.store.stream import Stream

LOCK = "rebuild"
LONGEST = timedelta(hours=6)
# By then the index shows what was written before the standstill.
INDEX_LAG = timedelta(seconds=5)
# The stream keeps a day: what is not counted yet has changed since then. Clocks differ by less.
RECENT = timedelta(hours=25)
AT_ONCE = 100
# What a transaction holds beside the check that nobody else rebuilds.
ROWS = 99
PAUSE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Drift:
    """An attribute of a row that is not what it must be."""

    row: Row
    attribute: str
    stored: int
    right: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild came to: over so many tasks, rows compared, and what was wrong in them."""

    tasks: int
    rows: int
    unreadable: int
    drifts: tuple[Drift, ...]
    is_mended: bool


@dataclass(slots=True)
class Sum:
    """Tasks added up: those that may have changed since the cut are kept apart, by name."""

    at: datetime
    figures: Figures = field(default_factory=Figures)
    recent: dict[Ref, Task] = field(default_factory=dict)
    counted: set[Ref] = field(default_factory=set)
    unreadable: int = 0

    def add(self, task: Task) -> None:
        """Add a task as it was read."""
        if _last_change(task) >= self.at - RECENT:
            # Only what they count for: params and results may be large.
            self.recent[task.ref] = replace(task, params="{}", result=None, checkpoint=None)
            return
        self._count(task)

    def correct(self, first: dict[Ref, Task | None]) -> None:
        """Add those kept apart, as they stood at the cut; None for what was not there then."""
        for each, task in {**self.recent, **first}.items():
            # What was counted already has changed since in what does not count, if at all.
            if task is not None and each not in self.counted:
                self._count(task)

    def _count(self, task: Task) -> None:
        self.counted.add(task.ref)
        self.figures.merge(facts(task, self.at))


def rebuild(engine: Engine, tenant: str, *, mend: bool = True) -> Rebuilt:
    """Recompute the rollups of a tenant, and put right what is wrong; returns what that was.

    It can be broken off at any time, and begun again: the next one finds what is still wrong.
    Waiting times and how many ran at once are left as they are: no record keeps them.
    Raises RebuildRuns while another one runs, and Unavailable.
    """
    positions = Positions(engine.aws, engine.records.table)
    stream = Stream.of(engine.aws, engine.records.table)
    holder = f"{engine.random.getrandbits(64):016x}"
    now = engine.clock.now()
    try:
        lock = positions.hold(LOCK, holder, now + LONGEST, now)
    except ConditionFailed as error:
        raise RebuildRuns() from error
    try:
        stood = cut(engine, tenant, stream, positions, holder)
        total = Sum(stood.at)
        engine.clock.sleep(INDEX_LAG)
        for item in _items(engine, tenant):
            _add(total, item)
        total.correct(changed_since(engine, tenant, stream, stood, holder))
        # Read last: whoever removes tasks says so before the first of them is gone.
        gone = removed_until(engine.records, tenant)
        drifts = tuple(_drifts(engine, stood, total.figures, gone))
        if mend and drifts:
            _mend(engine, positions, lock, drifts, total.figures)
        right = recomputed(engine, total.figures.amounts, stood.at).keys()
        compared = {row for row in stood.rows.keys() | right if _is_whole(row, gone)}
        return Rebuilt(len(total.counted), len(compared), total.unreadable, drifts, mend)
    finally:
        release(positions, lock)


def _items(engine: Engine, tenant: str) -> Iterator[dict[str, Any]]:
    """Every task that the index lists, as the table has it: Windrow's own are counted as well."""
    for shard in list_shards(tenant, every_standing()):
        for entries in batched(_listed(engine, shard), AT_ONCE):
            yield from _read(engine, entries)


def _listed(engine: Engine, shard: str) -> Iterator[Ref]:
    query: dict[str, Any] = {
        "TableName": engine.records.table,
        "IndexName": "list",
        **expression(key_condition="#list_shard = :shard", values={"shard": shard}),
    }
    while True:
        answer = engine.aws.call("dynamodb", "Query", query)
        for item in answer["Items"]:
            yield ref(decoded(item))
        if "LastEvaluatedKey" not in answer:
            return
        query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _read(engine: Engine, refs: tuple[Ref, ...]) -> list[dict[str, Any]]:
    table = engine.records.table
    wanted = [encoded(key(each)) for each in dict.fromkeys(refs)]
    found: list[dict[str, Any]] = []
    while wanted:
        asked = {table: {"Keys": wanted, "ConsistentRead": True}}
        answer = engine.aws.call("dynamodb", "BatchGetItem", {"RequestItems": asked})
        found += answer["Responses"].get(table, [])
        wanted = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        if wanted:
            engine.clock.sleep(PAUSE)
    return found


def _add(total: Sum, item: dict[str, Any]) -> None:
    try:
        task = from_encoded(item)
    except (ValueError, KeyError, TypeError):
        total.unreadable += 1
        return
    if isinstance(task, Task):
        total.add(task)


def _last_change(task: Task) -> datetime:
    """No earlier than the last change that counts."""
    times = (task.created, task.queued, task.started, task.lease, task.ended)
    return max(each for each in times if each is not None)


def _is_whole(row: Row, gone: datetime | None) -> bool:
    """Are all tasks there that made a row? Those that ended by `gone` may have been removed."""
    return row.at is None or gone is None or row.at > gone


def _drifts(engine: Engine, cut: Cut, figures: Figures, gone: datetime | None) -> Iterator[Drift]:
    right = recomputed(engine, figures.amounts, cut.at)
    for row in sorted(filter(partial(_is_whole, gone=gone), cut.rows.keys() | right), key=str):
        stored, wanted = cut.rows.get(row, Counter()), right.get(row, Counter())
        for name in sorted(stored.keys() | wanted.keys()):
            if stored[name] != wanted[name]:
                yield Drift(row, name, stored[name], wanted[name])


def _mend(
    engine: Engine,
    positions: Positions,
    lock: Position,
    drifts: tuple[Drift, ...],
    figures: Figures,
) -> None:
    """Add what is missing, for as long as nobody else rebuilds."""
    missing = Figures()
    for drift in drifts:
        missing.add(drift.row, drift.attribute, drift.right - drift.stored)
        if drift.row in figures.samples:
            missing.samples[drift.row] = figures.samples[drift.row]
    rollups = Rollups(engine.aws, engine.records.table)
    for parts in batched(rollups.added(missing), ROWS):
        check = {"ConditionCheck": positions.still_held(lock)}
        reasons = engine.tasks.transactions.write([check, *parts])
        if reasons:
            codes = sorted({reason.code for reason in reasons})
            raise Unavailable("dynamodb", "TransactWriteItems", "NotMended", f"{codes}")
