"""Stream Lambda: a batch of the table's changes in, tasks counted and their ends told."""

from collections.abc import Iterator
from typing import Any

from windrow import wiring
from windrow.engine.count import count
from windrow.engine.engine import Engine
from windrow.engine.registry import Registry
from windrow.errors import ConfigurationError
from windrow.lambdas.invocation import Event, Handler
from windrow.lambdas.observed import observed
from windrow.store.changes import Change, change_of, is_of_task
from windrow.telemetry.metrics import Metric
from windrow.telemetry.powertools import Powertools

# An account of emulators. Theirs hand over no shard's id, and have a single shard, of this name.
EMULATED = ":000000000000:"
SINGLE_SHARD = "shardId-00000000000000000000-00000000"


def build() -> Handler:
    """The handler of the deployed stream function. It runs no task, so it knows none."""
    telemetry = Powertools()
    engine = wiring.engine(Registry([]), telemetry)

    return observed(telemetry, lambda event, _context: consume(engine, event))


def consume(engine: Engine, event: Event) -> dict[str, Any]:
    """Count the changes of one shard. What raises comes again, whole or in halves.

    Answers as a mapping with a tumbling window wants it: the window is there because with it
    Lambda says which shard the records are of. It keeps no state; the last call of a window may
    bring no records at all.
    """
    records = [record for record in event.get("Records", []) if is_of_task(record)]
    if records:
        changes = list(_readable(engine, records))
        counted = count(engine, shard_of(event), changes)
        engine.telemetry.event("stream.counted", changes=len(changes), counted=counted)
    return {"state": {}, "batchItemFailures": []}


def shard_of(event: Event) -> str:
    """The stream and the shard that a batch is of. Raises ConfigurationError when nobody says it.

    Places in different shards cannot be compared: without it changes would be taken for counted.
    """
    stream: str = event["Records"][0]["eventSourceARN"]
    shard = event.get("shardId") or (SINGLE_SHARD if EMULATED in stream else None)
    if shard is None:
        raise ConfigurationError(
            "The batch does not say which shard it is of: the event source mapping of the stream"
            " needs a tumbling window."
        )
    return f"{stream.rpartition('/')[2]}/{shard}"


def _readable(engine: Engine, records: list[dict[str, Any]]) -> Iterator[Change]:
    """The changes that can be read. One that cannot would stop its shard for a day: it is passed
    over, and what it leaves out of the figures a rebuild puts right.
    """
    for record in records:
        try:
            yield change_of(record)
        except Exception as error:
            engine.telemetry.count(Metric.CHANGES_SKIPPED)
            keys = record["dynamodb"]["Keys"]
            engine.telemetry.warning("stream.skipped", error=error, key=keys["PK"]["S"])
