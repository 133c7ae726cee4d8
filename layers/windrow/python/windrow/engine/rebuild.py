"""Rebuild: what the rollups must be, from the tasks themselves, beside what they are.

The counting stands still for as long as it takes to read the rows, seconds, and tasks never do.
What the rows must be is the sum over all tasks as they stood where the counting stood. So those
that have changed since are taken from the stream: the old image of the first change after that
place. To know that nothing of it was overlooked, marks are written until each shard has shown one.

What is wrong is added, not set: the counting goes on meanwhile, and neither loses the other's.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.aws.errors import ConditionFailed, Unavailable
from windrow.engine.engine import Engine
from windrow.errors import RebuildRuns
from windrow.model.figures import (
    KEPT,
    MEASURES,
    RECORDS_KEPT,
    SPARE,
    Figures,
    Kind,
    Row,
    facts,
)
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.store.changes import StreamRecord, change_of, is_of_task
from windrow.store.items import from_encoded
from windrow.store.keys import key, list_shards, ref
from windrow.store.positions import Position, Positions
from windrow.store.rollups import Rollups
from windrow.store.stream import Reader, Stream

LOCK = "rebuild"
LONGEST = timedelta(hours=6)
# The rows of some days are read within it.
STANDSTILL = timedelta(minutes=2)
TRIES = 3
# By then the index shows what was written before the standstill.
INDEX_LAG = timedelta(seconds=5)
# The stream keeps a day: what is not counted yet has changed since then. Clocks differ by less.
RECENT = timedelta(hours=25)
AT_ONCE = 100
# What a transaction holds beside the check that nobody else rebuilds.
ROWS = 99
PATIENCE = timedelta(minutes=2)
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
class Cut:
    """The rows as they stood, and each shard's position at that moment."""

    at: datetime
    positions: list[Position]
    rows: dict[Row, Counter[str]]


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
        cut = _cut(engine, tenant, stream, positions, holder)
        total = Sum(cut.at)
        engine.clock.sleep(INDEX_LAG)
        for item in _items(engine, tenant):
            _add(total, item)
        total.correct(_changed_since(engine, tenant, stream, cut, holder))
        drifts = tuple(_drifts(cut, total.figures))
        if mend and drifts:
            _mend(engine, positions, lock, drifts, total.figures)
        compared = cut.rows.keys() | _recomputed(total.figures.amounts, cut.at).keys()
        return Rebuilt(len(total.counted), len(compared), total.unreadable, drifts, mend)
    finally:
        _release(positions, lock)


def _cut(engine: Engine, tenant: str, stream: Stream, positions: Positions, holder: str) -> Cut:
    """Read the rows while nobody counts, and where everybody stood."""
    for _ in range(TRIES):
        now = engine.clock.now()
        held: list[Position] = []
        try:
            for shard in stream.shards():
                name = stream.position(shard)
                held.append(positions.hold(name, holder, now + STANDSTILL, now))
            rows = dict(_stored(engine, tenant, now))
            stand = [positions.read(each.shard) for each in held]
            is_over = engine.clock.now() >= now + STANDSTILL / 2
            if stand == held and not is_over:
                return Cut(now, held, rows)
        finally:
            for each in held:
                _release(positions, each)
    raise Unavailable("dynamodb", "Query", "Moved", "the rows could not be read in time")


def _stored(engine: Engine, tenant: str, now: datetime) -> Iterator[tuple[Row, Counter[str]]]:
    """The rows that can be recomputed, without what cannot."""
    rollups = Rollups(engine.aws, engine.records.table)
    found = list(rollups.now(tenant).items())
    for kind in (Kind.MINUTE, Kind.HOUR):
        found += rollups.between(tenant, kind, now - KEPT[kind], now + SPARE)
    since = now - RECORDS_KEPT
    found += [
        (each.row, Counter({"count": each.count}))
        for each in rollups.errors(tenant, since, now + SPARE)
    ]
    return iter(_recomputed(dict(found), now).items())


def _recomputed(rows: dict[Row, Counter[str]], now: datetime) -> dict[Row, Counter[str]]:
    return {
        row: Counter({name: each for name, each in amounts.items() if not _is_measure(name)})
        for row, amounts in rows.items()
        if row.is_kept(now) and (row.at is None or now - row.at < RECORDS_KEPT - SPARE)
    }


def _is_measure(attribute: str) -> bool:
    return attribute[0] in MEASURES and attribute[1:].isdecimal()


def _items(engine: Engine, tenant: str) -> Iterator[dict[str, Any]]:
    """Every task that the index lists, as the table has it."""
    for shard in list_shards(tenant, ("active", "succeeded", "failed", "cancelled")):
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


def _changed_since(
    engine: Engine, tenant: str, stream: Stream, cut: Cut, holder: str
) -> dict[Ref, Task | None]:
    """The tasks that have changed since the cut, as they were before: None if not at all."""
    after = {each.shard: each.number for each in cut.positions}
    readers: dict[str, Reader] = {}
    seen: set[str] = set()
    first: dict[Ref, Task | None] = {}
    until = engine.clock.now() + PATIENCE
    while True:
        shards = stream.shards()
        for shard in shards:
            if shard.id not in readers:
                start = after.get(stream.position(shard))
                readers[shard.id] = stream.reader(shard, start)
        # What follows on a mark, in the same shard or in its children, came after all was read.
        seen |= {each.id for each in shards if each.parent in seen}
        unread = [each for each in shards if each.id not in seen and not readers[each.id].is_done]
        if not unread:
            return first
        if engine.clock.now() >= until:
            raise Unavailable("dynamodbstreams", "GetRecords", "Behind", f"{len(unread)} shards")
        _mark(engine, holder, 2 * len(unread))
        for shard in unread:
            # A child is read when its parent is done: what is seen first must be what was first.
            if shard.parent in readers and not readers[shard.parent].is_done:
                continue
            for record in _pages(readers[shard.id]):
                _note(record, tenant, first)
                if _is_mark(record, holder):
                    seen.add(shard.id)
        engine.clock.sleep(PAUSE)


def _pages(reader: Reader) -> Iterator[StreamRecord]:
    while records := list(reader.page()):
        yield from records


def _note(record: StreamRecord, tenant: str, first: dict[Ref, Task | None]) -> None:
    if not is_of_task(record):
        return
    keys = {name: value["S"] for name, value in record["dynamodb"]["Keys"].items()}
    task = ref(keys)
    if task.tenant == tenant and task not in first:
        try:
            first[task] = change_of(record).before
        except (ValueError, KeyError, TypeError):
            return


def _mark(engine: Engine, holder: str, count: int) -> None:
    """Write items whose keys fall into shards by chance; they expire in a day."""
    expires = round((engine.clock.now() + SPARE).timestamp())
    for _ in range(count):
        name = f"R#mark#{engine.random.getrandbits(64):016x}"
        item = encoded({"PK": name, "SK": holder, "expires": expires})
        engine.aws.call("dynamodb", "PutItem", {"TableName": engine.records.table, "Item": item})


def _is_mark(record: StreamRecord, holder: str) -> bool:
    keys = record["dynamodb"]["Keys"]
    return bool(keys["PK"]["S"].startswith("R#mark#") and keys["SK"]["S"] == holder)


def _drifts(cut: Cut, figures: Figures) -> Iterator[Drift]:
    right = _recomputed(figures.amounts, cut.at)
    for row in sorted(cut.rows.keys() | right.keys(), key=str):
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


def _release(positions: Positions, held: Position) -> None:
    try:
        positions.release(held)
    except ConditionFailed:
        # Its time was up, and somebody has gone on.
        return
