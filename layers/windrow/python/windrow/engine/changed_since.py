"""What has changed since a cut, from the stream: each task as it stood there.

To know that nothing of the stream was overlooked, marks are written until each shard has shown one.
Their keys fall into shards by chance, so that there is no other way to reach a certain one.
"""

from collections.abc import Iterator
from datetime import timedelta

from windrow.aws.dynamodb import encoded
from windrow.aws.errors import Unavailable
from windrow.engine.cut import Cut
from windrow.engine.engine import Engine
from windrow.model.figures import SPARE
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.store.changes import StreamRecord, change_of, is_of_task
from windrow.store.keys import ref
from windrow.store.stream import Reader, Stream

PATIENCE = timedelta(minutes=2)
PAUSE = timedelta(seconds=1)


def changed_since(
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
                    break
        engine.clock.sleep(PAUSE)


def _pages(reader: Reader) -> Iterator[StreamRecord]:
    while records := reader.page():
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
