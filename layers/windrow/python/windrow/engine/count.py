"""Count: changes of tasks, as the table's stream hands them over, into the rollups, exactly once.

A part of a batch is one transaction: what it adds to at most 97 rows, and its shard's position,
moved on from where it was read. Whatever comes again, in other batches or in another order, is
before that position. A shard's records are in order the first time, and a child shard, which starts
anew, holds later changes of the same tasks than its parent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from windrow.aws.errors import ServiceError, Unavailable
from windrow.engine.engine import Engine
from windrow.engine.outbox import Ended, Outbox
from windrow.model.event import end_of
from windrow.model.figures import Figures, changed, has_ended
from windrow.store.changes import Change
from windrow.store.positions import Position, Positions
from windrow.store.rollups import Rollups
from windrow.telemetry.metrics import Metric

# A transaction holds 100 items; the position is one of them.
ROWS = 97
# What is told of before one transaction: a call each, and done again when the function dies before
# it. Several thousand would not fit into the minute that an invocation has, and nothing would ever
# be counted.
DELIVERIES = 500
FAILED = "ConditionalCheckFailed"
# Lambda lets one invocation at a time read a shard: whom we meet is a zombie, or a rebuild.
TRIES = 5
PATIENCE, PAUSE = timedelta(seconds=20), timedelta(milliseconds=500)


@dataclass(slots=True)
class Part:
    """What one transaction counts: changes up to `number`, of which the last was made at `at`.

    `counts` says whether any of them adds something by itself. What they add together may be
    nothing, and they are counted all the same: one of them alone may come again. `deliveries` is
    how many webhooks are to be told of its ends.
    """

    number: int
    at: datetime
    figures: Figures = field(default_factory=Figures)
    ended: list[Ended] = field(default_factory=list)
    counts: bool = False
    deliveries: int = 0

    def has_room(self, figures: Figures, deliveries: int) -> bool:
        """Does another change fit into the same transaction?"""
        rows = self.figures.amounts.keys() | figures.amounts.keys()
        return len(rows) <= ROWS and self.deliveries + deliveries <= DELIVERIES


def count(engine: Engine, shard: str, changes: Sequence[Change]) -> int:
    """Count what was not counted yet of these changes of a shard; returns how many those were.

    Ends are told to the outbox before they are counted. A second time changes nothing; what was not
    counted when this raises is counted when it is called again with the same changes.
    Raises Unavailable while a rebuild holds the shard, and whatever the outbox raises.
    """
    positions = Positions(engine.aws, engine.records.table)
    ordered = sorted(changes, key=lambda change: change.number)
    done = 0
    for _ in range(TRIES):
        position = _free(engine, positions, shard)
        if position is None:
            raise Unavailable("dynamodb", "TransactWriteItems", "Held", f"{shard} is being rebuilt")
        new = [each for each in ordered if position.number is None or each.number > position.number]
        counted, is_overtaken = _count(engine, positions, position, new)
        done += counted
        if not is_overtaken:
            _tell_lag(engine, new)
            return done
    raise Unavailable("dynamodb", "TransactWriteItems", "Moved", f"{shard} moved {TRIES} times")


def _free(engine: Engine, positions: Positions, shard: str) -> Position | None:
    """The position of a shard, when nobody holds it any more; None when that takes too long.

    A rebuild stands still for seconds. To fail would ring an alarm.
    """
    until = engine.clock.now() + PATIENCE
    while (position := positions.read(shard)).is_held(engine.clock.now()):
        if engine.clock.now() >= until:
            return None
        engine.clock.sleep(PAUSE)
    return position


def _count(
    engine: Engine, positions: Positions, position: Position, changes: Sequence[Change]
) -> tuple[int, bool]:
    """Count part by part; returns how many changes, and whether somebody else has come between."""
    rollups = Rollups(engine.aws, engine.records.table)
    outbox = Outbox(engine)
    counted = 0
    for part, size in _parts(changes, outbox):
        if not part.counts:
            continue
        if part.ended:
            outbox.tell(part.ended)
        moved = positions.advance(position, part.number, part.at, engine.clock.now())
        parts = [{"Update": moved}, *rollups.added(part.figures)]
        reasons = engine.tasks.transactions.write(parts)
        if reasons and reasons[0].code == FAILED:
            return counted, True
        if reasons:
            codes = sorted({reason.code for reason in reasons})
            raise ServiceError("dynamodb", "TransactWriteItems", "NotCounted", f"{codes}")
        position = Position(position.shard, part.number)
        counted += size
    return counted, False


def _parts(changes: Sequence[Change], outbox: Outbox) -> Iterator[tuple[Part, int]]:
    """The changes in parts that fit into a transaction each, and how many are in each."""
    part: Part | None = None
    size = 0
    for change in changes:
        figures = changed(change.before, change.after, change.at)
        ended = _ended(change)
        deliveries = outbox.weight(ended.task) if ended else 0
        if part is not None and not part.has_room(figures, deliveries):
            yield _whole(part), size
            part = None
        if part is None:
            part, size = Part(change.number, change.at), 0
        part.number, part.at = change.number, change.at
        part.figures.merge(figures)
        part.counts = part.counts or bool(figures.amounts)
        size += 1
        if ended:
            part.ended.append(ended)
            part.deliveries += deliveries
    if part is not None:
        yield _whole(part), size


def _ended(change: Change) -> Ended | None:
    if change.after is None or not has_ended(change.before, change.after):
        return None
    return Ended(change.after, end_of(change.after))


def _whole(part: Part) -> Part:
    """Without what its changes have added and taken back among themselves."""
    part.figures = part.figures.settled(part.at)
    return part


def _tell_lag(engine: Engine, changes: Sequence[Change]) -> None:
    if changes:
        lag = engine.clock.now() - changes[0].at
        engine.telemetry.count(Metric.STREAM_LAG_SECONDS, max(0.0, lag.total_seconds()))
