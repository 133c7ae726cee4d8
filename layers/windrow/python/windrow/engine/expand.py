"""Expand: store a map's items, write its chunks, and send a hint for each.

It can be cut off anywhere and done again: items that are stored are not planned again, rows that
exist are left alone, hints that are sent twice do no harm.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import batched
from typing import Any

from windrow.engine.engine import Engine
from windrow.engine.gather import gather_task
from windrow.engine.send import send
from windrow.model.records import HINT_GRACE, Chunk, Group, Progress, Task
from windrow.model.ref import GROUP_SIZE
from windrow.model.states import Phase

CONTENT_TYPE = "application/jsonl"


def encoded_items(items: Iterable[Any]) -> list[bytes]:
    """A map's items as JSON Lines. Raises ValueError or TypeError for what is not JSON."""
    return [
        json.dumps(item, allow_nan=False, separators=(",", ":")).encode() + b"\n" for item in items
    ]


def store_items(engine: Engine, task: Task, lines: list[bytes], chunk_size: int) -> Task:
    """Store a map's items once for all: whatever happens, its chunks are cut from this object."""
    # The attempt in the name keeps an overtaken planner from writing over the object that counts.
    name = f"tasks/{task.ref.tenant}/{task.ref.task}/items-{task.attempt}.jsonl"
    engine.bucket.put(name, b"".join(lines), CONTENT_TYPE)
    planned = replace(task, items=name, chunk_size=chunk_size, progress=Progress(len(lines)))
    return engine.records.write(task, planned)


def stored_items(engine: Engine, task: Task) -> list[bytes]:
    """The lines that an earlier attempt stored."""
    return engine.bucket.get(task.items or "").splitlines(keepends=True)


def chunk_items(engine: Engine, task: Task, chunk: Chunk) -> list[Any]:
    """The items of one chunk."""
    lines = engine.bucket.slice(task.items or "", chunk.offset, chunk.length)
    return [json.loads(line) for line in lines.splitlines()]


def expand(engine: Engine, task: Task, lines: list[bytes]) -> None:
    """Write every group and chunk of a planned map, hint at each chunk, and let the chunks run."""
    groups = 0
    for chunks in batched(_cut(engine, task, lines), GROUP_SIZE):
        _write_group(engine, task, chunks)
        groups += 1
    now = engine.clock.now()
    running = replace(
        task, phase=Phase.CHUNKS, groups=groups, owner=None, lease=None, due=now + HINT_GRACE
    )
    engine.records.write(task, running)
    engine.telemetry.event(
        "map.expanded", task=str(task.ref), items=task.progress.total, groups=groups
    )
    # The last chunk may have ended before the map was ready to be told.
    gather_task(engine, task.ref)


def _write_group(engine: Engine, task: Task, chunks: tuple[Chunk, ...]) -> None:
    """The group first, which says how many chunks it waits for; then these; then their hints."""
    group = Group(
        ref=chunks[0].ref.own_group,
        pool=task.pool,
        chunks=len(chunks),
        deadline=task.deadline,
        due=engine.clock.now() + HINT_GRACE,
    )
    is_new = engine.records.create(group)
    if not is_new and len(engine.records.chunks(group.ref)) == len(chunks):
        # An attempt before this one wrote them all; what it did not send is due by now.
        return
    for chunk in chunks:
        engine.records.create(chunk)
    send(engine, task.pool, [chunk.ref for chunk in chunks])


def _cut(engine: Engine, task: Task, lines: list[bytes]) -> Iterator[Chunk]:
    now = engine.clock.now()
    first = offset = 0
    for number, slice_ in enumerate(batched(lines, task.chunk_size or 1)):
        length = sum(map(len, slice_))
        yield Chunk(
            ref=task.ref.chunk_at(number),
            pool=task.pool,
            created=now,
            queued=now,
            not_before=now,
            due=now + HINT_GRACE,
            deadline=task.deadline,
            first=first,
            count=len(slice_),
            offset=offset,
            length=length,
        )
        first += len(slice_)
        offset += length
