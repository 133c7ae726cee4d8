"""The lines of the archive. Params and results go into them as they are stored: bytes, unread."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from gzip import GzipFile
from typing import Any

from windrow import Context
from windrow.aws.errors import ServiceError
from windrow.model.records import AnyRecord, Group, Task
from windrow.model.shown import shown
from windrow.store.bucket import Piece
from windrow.store.items import to_item
from windrow.store.keys import milliseconds

# Of an object that is copied into a line no more is in memory at once.
PIECE = 4_000_000

type IsFull = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Version:
    """A task that lies in the archive, and which version of it."""

    id: str
    created: int
    attempt: int
    round: int

    @classmethod
    def of(cls, task: Task) -> "Version":
        """The version that a task is of now."""
        return cls(task.ref.task, milliseconds(task.created), task.attempt, task.round)

    def is_of(self, task: Task) -> bool:
        """Is it this one, and has it not begun again since?"""
        return self == Version.of(task)


def line(value: dict[str, Any]) -> bytes:
    """A line of JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_number)
    return text.encode() + b"\n"


def write_task(context: Context, target: GzipFile, task: Task) -> None:
    """A task with its params and its result; large ones as null when their objects are gone."""
    raw = _attributes(task)
    head = {
        "kind": "task",
        "version": asdict(Version.of(task)),
        "task": shown(task, context.created),
        "record": {name: raw[name] for name in raw if name not in ("params", "result")},
    }
    target.write(line(head).removesuffix(b"}\n"))
    target.write(b',"params":')
    for part in _stored(context, task.params, task.params_object):
        target.write(part)
    target.write(b',"result":')
    for part in _stored(context, task.result or "null", task.result_object):
        target.write(part)
    target.write(b"}\n")


def write_group(context: Context, target: GzipFile, group: Group) -> None:
    """A group of a map, then its chunks."""
    task_id = group.ref.task
    target.write(line({"kind": "group", "task": task_id, "record": _attributes(group)}))
    for chunk in context.engine.records.chunks(group.ref):
        target.write(line({"kind": "chunk", "task": task_id, "record": _attributes(chunk)}))


def piece(context: Context, key: str, offset: int, length: int) -> Piece | None:
    """Some bytes of an object; None when there is no such object."""
    try:
        return context.engine.bucket.piece(key, offset, length)
    except ServiceError as error:
        if error.code == "NoSuchKey":
            return None
        raise


def _stored(context: Context, text: str, key: str | None) -> Iterator[bytes]:
    """A JSON text, or that of the object which holds it: the bucket may have let that go before.

    Raises ObjectChanged when it goes while it is read: another attempt then finds it gone.
    """
    if key is None:
        yield text.encode()
        return
    first = piece(context, key, 0, PIECE)
    if first is None:
        yield b"null"
        return
    yield first.body
    for offset in range(len(first.body), first.size, PIECE):
        yield context.engine.bucket.slice(key, offset, PIECE, first.etag)


def _attributes(record: AnyRecord) -> dict[str, Any]:
    return {name: value for name, value in to_item(record).items() if value is not None}


def _number(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)
