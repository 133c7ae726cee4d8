"""Chunks: the parts of a map and how each of them stands, page by page."""

from dataclasses import dataclass

from windrow.engine.engine import Engine
from windrow.model.records import Chunk, Task
from windrow.model.ref import GROUP_SIZE


@dataclass(frozen=True, slots=True)
class ChunksPage:
    """Some chunks in their order; `following` is the number of the next one, None after the last.

    While a map is being cut the last chunk is only the last so far.
    """

    chunks: tuple[Chunk, ...]
    following: int | None


def chunks_page(engine: Engine, task: Task, *, start: int, limit: int) -> ChunksPage:
    """At most `limit` chunks of a map, from a number on: one read for each 100 of them, and one."""
    found: list[Chunk] = []
    group = start // GROUP_SIZE
    while len(found) <= limit:
        read = engine.records.chunks(task.ref.group_at(group))
        found += [chunk for chunk in read if (chunk.ref.chunk or 0) >= start]
        group += 1
        if len(read) < GROUP_SIZE:
            break
    following = found[limit].ref.chunk if len(found) > limit else None
    return ChunksPage(tuple(found[:limit]), following)
