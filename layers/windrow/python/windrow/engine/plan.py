"""Plan: turn what an author's plan returned into one object of lines, counted, that stays as it is.

A list, a generator and an async generator are written as they come, never held whole. An object
that lies in the bucket already is read once, so that what is wrong with it is said before the
first of its items is done.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from windrow.aws.errors import ServiceError
from windrow.engine.engine import Engine
from windrow.engine.signals import Interrupted
from windrow.errors import InvalidItems, OutOfTime, TooManyItems
from windrow.model.items import LARGEST_ITEM, MAX_ITEMS, JsonLines, encoded_item
from windrow.model.payload import object_key
from windrow.model.records import Progress, Task
from windrow.store.lines import lines
from windrow.store.upload import Upload

CONTENT_TYPE = "application/jsonl"
# What is left of an invocation when no more of it is begun: a group's rows take about a second.
RESERVE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Planned:
    """A map whose items are stored, to be written to its record; `whole` when they are few."""

    task: Task
    whole: bytes | None = None


def keep(engine: Engine, task: Task, chunk_size: int, until: datetime, plan: Any) -> Planned:
    """Store a map's items once for all: whatever happens, its chunks are cut from this object.

    Raises what the author's generator raises, and TooManyItems, TooLarge, InvalidItems and
    OutOfTime; Interrupted when AWS cannot store or show them.
    """
    sized = replace(task, chunk_size=chunk_size)
    if isinstance(plan, JsonLines):
        if not plan.is_of(task.ref.tenant):
            raise InvalidItems(plan.key, f"it does not lie under items/{task.ref.tenant}/")
        return _found(engine, sized, plan.key, until)
    return _written(engine, sized, plan, until)


def stops_at(now: datetime, until: datetime) -> datetime:
    """When an attempt that ends at `until` begins nothing more, so that it can still say so."""
    return until - min(RESERVE, (until - now) / 6)


def _written(engine: Engine, task: Task, plan: Any, until: datetime) -> Planned:
    # The attempt in the name keeps an overtaken planner from writing over the object that counts.
    now, name = engine.clock.now(), f"items-{task.attempt}.jsonl"
    key = object_key(task.ref, name, now=now, until=task.deadline)
    upload = Upload(engine.bucket, key, CONTENT_TYPE)
    count = 0
    stops = stops_at(now, until)
    try:
        for count, line in enumerate(map(encoded_item, _items(plan)), 1):
            _check(engine, count, stops)
            _ours(partial(upload.write, line))
        whole = _ours(upload.close)
    except (Exception, Interrupted):
        upload.abort()
        raise
    return Planned(replace(task, items=key, progress=Progress(count)), whole)


def _found(engine: Engine, task: Task, key: str, until: datetime) -> Planned:
    stops = stops_at(engine.clock.now(), until)
    try:
        etag = engine.bucket.piece(key, 0, 1).etag
        count = _counted(engine, key, etag, stops) if etag else 0
    except ServiceError as error:
        if error.code == "NoSuchKey":
            raise InvalidItems(key, "there is no such object") from error
        raise Interrupted(error) from error
    return Planned(replace(task, items=key, items_etag=etag or None, progress=Progress(count)))


def _counted(engine: Engine, key: str, etag: str, stops: datetime) -> int:
    count = 0
    for count, line in enumerate(lines(engine.bucket, key, longest=LARGEST_ITEM, etag=etag), 1):
        _check(engine, count, stops)
        if not line.strip():
            raise InvalidItems(key, f"line {count:,} is empty")
    return count


def _check(engine: Engine, count: int, stops: datetime) -> None:
    if count > MAX_ITEMS:
        raise TooManyItems(MAX_ITEMS)
    if engine.clock.now() > stops:
        raise OutOfTime(count)


def _ours[T](call: Callable[[], T]) -> T:
    try:
        return call()
    except ServiceError as error:
        raise Interrupted(error) from error


def _items(plan: Any) -> Iterable[Any]:
    return _stepped(plan) if isinstance(plan, AsyncIterable) else plan


def _stepped(items: AsyncIterable[Any]) -> Iterator[Any]:
    # Only where it is needed: asyncio costs a cold start 30 ms.
    import asyncio

    async def following(iterator: AsyncIterator[Any]) -> Any:
        return await anext(iterator, END)

    with closing(asyncio.new_event_loop()) as loop:
        iterator = aiter(items)
        while (item := loop.run_until_complete(following(iterator))) is not END:
            yield item


END = object()
