"""Expand: write a map's groups and chunks from its items, and send a hint for each chunk.

It can be cut off anywhere and done again, by another invocation and as often as needed: groups are
written in their order, so the rows themselves say how far it is. Rows that exist are left alone,
hints that are sent twice do no harm.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO
from itertools import batched
from typing import Any

from windrow.aws.errors import Unavailable
from windrow.engine.engine import Engine
from windrow.engine.gather import gather_task
from windrow.engine.plan import stops_at
from windrow.engine.send import send
from windrow.engine.settle import CRASH_BUDGET, continued
from windrow.engine.wake import wake_after
from windrow.model.items import LARGEST_ITEM, decoded_items
from windrow.model.records import HINT_GRACE, Chunk, Group, Task
from windrow.model.ref import GROUP_SIZE
from windrow.model.states import Phase
from windrow.store.lines import lines

# A table that suddenly works hard refuses writes for a moment: rather wait than begin anew.
TRIES = 6
LONGEST_FIRST = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True)
class Start:
    """Where to go on: how many groups are written, and the byte at which the next one begins.

    `whole` is all of the items, where they are few and at hand.
    """

    groups: int = 0
    offset: int = 0
    whole: bytes | None = None


def resume(engine: Engine, task: Task) -> tuple[Task, Start]:
    """How far the attempts before this one came, and the task as that leaves it: to be written.

    Attempts that came further were not stopped by the map itself, so their crashes are forgiven;
    not before it matters, for that is a write to the map's record.
    """
    start = _found(engine, task)
    if start.groups > task.expanded and task.crashes > CRASH_BUDGET // 2:
        task = replace(task, expanded=start.groups, crashes=0)
    return task, start


def expand(engine: Engine, task: Task, until: datetime, start: Start) -> None:
    """Write every group and chunk that is missing, then let the map wait for its chunks.

    When the time of this attempt is nearly up, the map is queued for another one, which goes on.
    """
    stops = stops_at(engine.clock.now(), until)
    groups = start.groups
    for chunks in batched(_cut(engine, task, start), GROUP_SIZE):
        if groups > start.groups and engine.clock.now() >= stops:
            continued(engine, task, replace(task, expanded=groups, crashes=0))
            engine.telemetry.event("map.continued", **task.ref.ids, groups=groups)
            return
        _write_group(engine, task, chunks)
        groups += 1
    now = engine.clock.now()
    running = replace(
        task,
        phase=Phase.CHUNKS,
        groups=groups,
        expanded=0,
        owner=None,
        lease=None,
        slot=None,
        due=now + HINT_GRACE,
    )
    engine.tasks.rest(task, running)
    wake_after(engine, task.slot)
    engine.telemetry.event("map.expanded", **task.ref.ids, items=task.progress.total, groups=groups)
    # The last chunk may have ended before the map was ready to be told.
    gather_task(engine, task.ref)


def chunk_items(engine: Engine, task: Task, chunk: Chunk) -> list[Any]:
    """The items of one chunk. Raises ObjectChanged, and InvalidItems for a line that is no JSON."""
    key = task.items or ""
    found = engine.bucket.slice(key, chunk.offset, chunk.length, task.items_etag)
    return decoded_items(key, chunk.first, found)


def _found(engine: Engine, task: Task) -> Start:
    """What the table says: all groups before the last one are whole, and that one may be."""
    last = engine.records.last_group(task.ref)
    if last is None:
        return Start()
    chunks = engine.records.chunks(last.ref)
    number = last.ref.group or 0
    if len(chunks) < last.chunks:
        return Start(number, last.offset)
    return Start(number + 1, chunks[-1].offset + chunks[-1].length)


def _write_group(engine: Engine, task: Task, chunks: tuple[Chunk, ...]) -> None:
    """The group first, which says how many chunks it waits for; then these; then their hints."""
    group = Group(
        ref=chunks[0].ref.own_group,
        pool=task.pool,
        chunks=len(chunks),
        offset=chunks[0].offset,
        round=task.round,
        deadline=task.deadline,
        due=engine.clock.now() + HINT_GRACE,
    )
    is_new = _create(engine, group)
    if not is_new and len(engine.records.chunks(group.ref)) == len(chunks):
        # An attempt before this one wrote them all; what it did not send is due by now.
        return
    for chunk in chunks:
        _create(engine, chunk)
    send(engine, task.pool, [chunk.ref for chunk in chunks])


def _create(engine: Engine, record: Group | Chunk) -> bool:
    """Store a new record, waiting a little where AWS cannot; False when it was there already."""
    for tried in range(1, TRIES):
        try:
            return engine.records.create(record)
        except Unavailable:
            engine.clock.sleep(LONGEST_FIRST * float(2**tried) * engine.random.random())
    return engine.records.create(record)


def _cut(engine: Engine, task: Task, start: Start) -> Iterator[Chunk]:
    now = engine.clock.now()
    size = task.chunk_size or 1
    number, offset = start.groups * GROUP_SIZE, start.offset
    for slice_ in batched(map(len, _lines(engine, task, start)), size):
        length = sum(slice_)
        yield Chunk(
            ref=task.ref.chunk_at(number),
            pool=task.pool,
            created=now,
            queued=now,
            not_before=now,
            due=engine.clock.now() + HINT_GRACE,
            deadline=task.deadline,
            max_retries=task.max_retries,
            round=task.round,
            first=number * size,
            count=len(slice_),
            offset=offset,
            length=length,
        )
        number += 1
        offset += length


def _lines(engine: Engine, task: Task, start: Start) -> Iterable[bytes]:
    if start.whole is not None:
        return BytesIO(start.whole)
    first = start.groups * GROUP_SIZE * (task.chunk_size or 1)
    if first >= task.progress.total:
        return ()
    return lines(
        engine.bucket,
        task.items or "",
        longest=LARGEST_ITEM,
        offset=start.offset,
        etag=task.items_etag,
    )
