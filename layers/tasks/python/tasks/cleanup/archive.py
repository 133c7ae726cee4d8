"""The archive: records as gzip of JSON Lines, an object a part, each written once for all.

A part is bounded by its bytes and by the time of the attempt that writes it, and can end between
two groups of a map. Its last line says where the next one begins, and which tasks are whole then.
"""

import gzip
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from tasks.cleanup import lines
from tasks.cleanup.lines import Version
from windrow import Context
from windrow.aws.errors import ServiceError
from windrow.model.records import Task
from windrow.model.ref import Ref

CONTENT_TYPE = "application/gzip"
THERE = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
# A part ends after what takes it beyond so many bytes, before they are compressed. One result may
# have 50 MB: more than that, and this, is never held, and only compressed.
PART = 16_000_000
# The last line names a page of tasks at the most, of some hundred bytes each.
LONGEST_END = 64_000
READ = 1_000_000
# The best of the levels that cost a worker with a third of a core no minute for the largest result.
LEVEL = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part begins in a page of tasks.

    at       at which task
    group    at which of its groups; the ones before, and the task itself, lie in earlier parts
    version  the version of it that those parts have; None when none of it was written
    """

    at: int = 0
    group: int = 0
    version: Version | None = None

    @classmethod
    def of(cls, stored: dict[str, Any] | None) -> "Place":
        """The place that was stored so; without any the beginning of the page."""
        if stored is None:
            return cls()
        version = stored["version"]
        return cls(stored["at"], stored["group"], None if version is None else Version(**version))


@dataclass(frozen=True, slots=True)
class End:
    """What a part says at its end: which tasks are whole with it, and where the next one begins.

    next  None after the last task of the page
    """

    whole: tuple[Version, ...]
    next: Place | None


def key(at: datetime, task_id: str, part: int) -> str:
    """Where a part of what a task archived lies."""
    return f"archive/{at:%Y-%m-%d}/{task_id}-{part:05d}.jsonl.gz"


def archived(context: Context, key: str, ids: Sequence[str], place: Place) -> End:
    """Archive these tasks from a place on, as many as one part takes, unless that is done.

    What the object says is told: only what is whole may go. A second attempt finds the object and
    leaves it, as some of its tasks may be gone by then.
    """
    bucket = context.engine.bucket
    if lines.piece(context, key, 0, 1) is None:
        body = _part(context, ids, place)
        try:
            context.aws.call(
                "s3",
                "PutObject",
                {**bucket.at(key), "Body": body, "ContentType": CONTENT_TYPE, "IfNoneMatch": "*"},
            )
        except ServiceError as error:
            # An attempt that was given up for dead has written it after we looked.
            if error.code not in THERE:
                raise
    return _end(bucket.get(key))


def _part(context: Context, ids: Sequence[str], place: Place) -> bytes:
    target = BytesIO()
    with gzip.GzipFile("", "wb", LEVEL, target, mtime=0) as packed:
        end = _written(context, packed, ids, place)
        following = None if end.next is None else asdict(end.next)
        last = {"kind": "end", "whole": [asdict(each) for each in end.whole], "next": following}
        packed.write(lines.line(last))
    return target.getvalue()


def _written(context: Context, packed: gzip.GzipFile, ids: Sequence[str], place: Place) -> End:
    """Write from a place on until the part is full, time is up, or the page is done."""
    whole: list[Version] = []

    def is_full() -> bool:
        return packed.tell() >= PART or context.is_time_up

    for at in range(place.at, len(ids)):
        if at > place.at and is_full():
            return End(tuple(whole), Place(at))
        task = context.engine.records.task(Ref(context.tenant, ids[at]))
        begun = place if at == place.at else Place(at)
        if task is None or (begun.version is not None and not begun.version.is_of(task)):
            # It went, or began again, while parts of it were written: it is whole in none.
            continue
        stopped = _write_task(context, packed, task, begun, is_full)
        if stopped is not None:
            return End(tuple(whole), stopped)
        whole.append(Version.of(task))
    return End(tuple(whole), None)


def _write_task(
    context: Context, packed: gzip.GzipFile, task: Task, begun: Place, is_full: lines.IsFull
) -> Place | None:
    """Write a task, or what is left of it; where to go on when the part is full before its end."""
    if begun.version is None:
        lines.write_task(context, packed, task)
    is_first = begun.version is not None
    for group in context.engine.records.groups(task.ref):
        number = group.ref.group or 0
        if number < begun.group:
            continue
        if not is_first and is_full():
            return Place(begun.at, number, Version.of(task))
        lines.write_group(context, packed, group)
        is_first = False
    return None


def _end(body: bytes) -> End:
    """The last line of a part, which is read without holding the others."""
    tail = b""
    with gzip.open(BytesIO(body)) as packed:
        while piece := packed.read(READ):
            tail = (tail + piece)[-LONGEST_END:]
    found = json.loads(tail.splitlines()[-1])
    following = None if found["next"] is None else Place.of(found["next"])
    return End(tuple(Version(**each) for each in found["whole"]), following)
