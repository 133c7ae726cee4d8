"""Failures: the items of a map that have not succeeded, and why."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from windrow.engine.engine import Engine
from windrow.engine.expand import chunk_items
from windrow.errors import NotFound
from windrow.model.records import Chunk, Failure, Task
from windrow.model.ref import GROUP_SIZE, Ref

# Of how many groups that may hold failures one page reads the chunks: a call each.
GROUPS_AT_ONCE = 10
# Of items as JSON; a Lambda answers with 6 MB at most.
LARGEST_PAGE = 3_000_000


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


@dataclass(frozen=True, slots=True)
class FailuresPage:
    """Some failed items; `following` is the number of the item from which on others may be."""

    items: tuple[FailedItem, ...]
    following: int | None


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


def failures_page(engine: Engine, task: Task, *, start: int, limit: int) -> FailuresPage:
    """At most `limit` failed or cancelled items of a map, from an item's number on.

    It reads the map's groups, the chunks of ten of them, and the items of those that it shows: a
    page may be partly filled, or empty, and have a following one all the same.
    """
    if not task.chunk_size:
        return FailuresPage((), None)
    size = GROUP_SIZE * task.chunk_size
    first = start // size
    read = 0
    found: list[FailedItem] = []
    for number, group in enumerate(engine.records.groups(task.ref)[first:], first):
        if group.is_closed and group.is_whole:
            continue
        if read == GROUPS_AT_ONCE:
            return FailuresPage(tuple(found), number * size)
        read += 1
        for chunk in engine.records.chunks(group.ref):
            if chunk.first + chunk.count <= start:
                continue
            found += [each for each in _of_chunk(engine, task, chunk) if each.number >= start]
            count = _shown(found, limit)
            if count < len(found):
                return FailuresPage(tuple(found[:count]), found[count].number)
    return FailuresPage(tuple(found), None)


def _shown(found: list[FailedItem], limit: int) -> int:
    """How many of them one page shows: one at least, however large it is."""
    size = 0
    for count, each in enumerate(found[:limit]):
        size += len(json.dumps(each.item))
        if count and size > LARGEST_PAGE:
            return count
    return min(limit, len(found))


def _of_chunk(engine: Engine, task: Task, chunk: Chunk) -> Iterator[FailedItem]:
    if not chunk.state.is_over or not chunk.unfinished:
        return
    items = chunk_items(engine, task, chunk)
    reasons = {position: each.reason for each in chunk.lost for position in each.positions}
    for position in chunk.unfinished:
        error = reasons.get(position, chunk.error)
        yield FailedItem(chunk.first + position, items[position], error)
