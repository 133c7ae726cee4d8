"""The cut of a rebuild: the rows as they stood while nobody counted, and where everybody stood."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from windrow.aws.errors import ConditionFailed, Unavailable
from windrow.engine.engine import Engine
from windrow.model.figures import KEPT, MEASURES, RECORDS_KEPT, SPARE, Kind, Row
from windrow.store.positions import Position, Positions
from windrow.store.rollups import Rollups
from windrow.store.stream import Stream

# The rows of some days are read within it.
STANDSTILL = timedelta(minutes=2)
TRIES = 3


@dataclass(slots=True)
class Cut:
    """The rows as they stood, and each shard's position at that moment."""

    at: datetime
    positions: list[Position]
    rows: dict[Row, Counter[str]]


def cut(engine: Engine, tenant: str, stream: Stream, positions: Positions, holder: str) -> Cut:
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
                release(positions, each)
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
    return iter(recomputed(engine, dict(found), now).items())


def recomputed(
    engine: Engine, rows: dict[Row, Counter[str]], now: datetime
) -> dict[Row, Counter[str]]:
    """The rows that records tell, without the measures that they do not.

    Of an older row's tasks some may be gone. A deployment may have kept records for less before.
    """
    kept = min(RECORDS_KEPT - SPARE, engine.retention)
    return {
        row: Counter({name: each for name, each in amounts.items() if not _is_measure(name)})
        for row, amounts in rows.items()
        if row.is_kept(now) and (row.at is None or now - row.at < kept)
    }


def _is_measure(attribute: str) -> bool:
    return attribute[0] in MEASURES and attribute[1:].isdecimal()


def release(positions: Positions, held: Position) -> None:
    """Let go of what is held, if it still is."""
    try:
        positions.release(held)
    except ConditionFailed:
        # Its time was up, and somebody has gone on.
        return
