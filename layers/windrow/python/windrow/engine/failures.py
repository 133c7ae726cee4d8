"""Failures: the items of a map that have not succeeded, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from windrow.engine.engine import Engine
from windrow.engine.expand import chunk_items
from windrow.errors import NotFound
from windrow.model.records import Chunk, Failure, Task
from windrow.model.ref import Ref


@dataclass(frozen=True, slots=True)
class FailedItem:
    """An item by its number in the map, from 0, and why it failed; None for a cancelled one."""

    number: int
    item: Any
    error: Failure | None


@dataclass(frozen=True, slots=True)
class FailedItems:
    """The items of one group of chunks; `next_group` is where the next ones may be."""

    items: tuple[FailedItem, ...]
    next_group: int | None


def failed_items(engine: Engine, ref: Ref, *, group: int = 0) -> FailedItems:
    """The items that have failed or were cancelled, from a group on: those of the first with any.

    A group has 100 chunks, so that is what a page holds at most. Of a map that still runs these
    are the items of the chunks that have ended. Raises NotFound.
    """
    task = engine.records.task(ref)
    if task is None or task.has_expired(engine.clock.now()):
        raise NotFound(ref.task)
    groups = engine.records.groups(ref)[group:]
    for number, each in enumerate(groups, group):
        if each.is_closed and each.is_whole:
            continue
        chunks = engine.records.chunks(each.ref)
        found = tuple(item for chunk in chunks for item in _of_chunk(engine, task, chunk))
        if found:
            return FailedItems(found, number + 1 if number + 1 < group + len(groups) else None)
    return FailedItems((), None)


def _of_chunk(engine: Engine, task: Task, chunk: Chunk) -> Iterator[FailedItem]:
    if not chunk.state.is_over or not chunk.unfinished:
        return
    items = chunk_items(engine, task, chunk)
    reasons = {position: each.reason for each in chunk.lost for position in each.positions}
    for position in chunk.unfinished:
        error = reasons.get(position, chunk.error)
        yield FailedItem(chunk.first + position, items[position], error)
