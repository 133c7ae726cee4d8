"""The archive: records as gzip of JSON Lines, one object a page of tasks, written once for all."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from windrow import Context
from windrow.aws.errors import ServiceError
from windrow.engine.payloads import params_of
from windrow.errors import ObjectChanged
from windrow.model.records import AnyRecord, Task
from windrow.model.ref import Ref
from windrow.model.shown import shown
from windrow.store.items import to_item
from windrow.store.keys import milliseconds

CONTENT_TYPE = "application/gzip"
THERE = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


@dataclass(frozen=True, slots=True)
class Archived:
    """A task that lies in the archive, and which version of it."""

    id: str
    created: int
    attempt: int
    round: int

    def is_of(self, task: Task) -> bool:
        """Is it this one, and has it not begun again since?"""
        version = milliseconds(task.created), task.attempt, task.round
        return (self.created, self.attempt, self.round) == version


def key(at: datetime, task_id: str, part: int) -> str:
    """Where a part of what a task archived lies."""
    return f"archive/{at:%Y-%m-%d}/{task_id}-{part:05d}.jsonl.gz"


def archived(context: Context, key: str, ids: Sequence[str]) -> list[Archived]:
    """Archive these tasks, unless that is done, and say what the object holds: only that may go.

    A second attempt finds the object and leaves it: some of its tasks may be gone by then.
    """
    bucket = context.engine.bucket
    if not _is_there(context, key):
        body = _compressed(context, ids)
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
    with gzip.open(BytesIO(bucket.get(key)), "rt", encoding="utf-8") as lines:
        read = (json.loads(line) for line in lines)
        return [Archived(**line["version"]) for line in read if line["kind"] == "task"]


def _is_there(context: Context, key: str) -> bool:
    try:
        context.engine.bucket.piece(key, 0, 1)
    except ServiceError as error:
        if error.code == "NoSuchKey":
            return False
        raise
    return True


def _compressed(context: Context, ids: Sequence[str]) -> bytes:
    """The same bytes for the same records."""
    target = BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=target, mtime=0) as packed:
        for task_id in ids:
            for line in _lines(context, task_id):
                text = json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=_number)
                packed.write(text.encode() + b"\n")
    return target.getvalue()


def _lines(context: Context, task_id: str) -> Iterator[dict[str, Any]]:
    """A task with its params and its result, then its groups, each before its chunks."""
    records = context.engine.records
    task = records.task(Ref(context.tenant, task_id))
    if task is None:
        return
    raw = _attributes(task)
    yield {
        "kind": "task",
        "version": {
            "id": task_id,
            "created": milliseconds(task.created),
            "attempt": task.attempt,
            "round": task.round,
        },
        "task": shown(task, context.created),
        "params": _params(context, task),
        "result": _result(context, task),
        "record": {name: raw[name] for name in raw if name not in ("params", "result")},
    }
    for group in records.groups(task.ref):
        yield {"kind": "group", "task": task_id, "record": _attributes(group)}
        for chunk in records.chunks(group.ref):
            yield {"kind": "chunk", "task": task_id, "record": _attributes(chunk)}


def _params(context: Context, task: Task) -> Any:
    """Large ones lie in the bucket, which may have let them go before the record."""
    try:
        return params_of(context.engine, task)
    except ObjectChanged:
        return None


def _result(context: Context, task: Task) -> Any:
    if task.result_object is None:
        return None if task.result is None else json.loads(task.result)
    if not _is_there(context, task.result_object):
        return None
    return json.loads(context.engine.bucket.get(task.result_object))


def _attributes(record: AnyRecord) -> dict[str, Any]:
    return {name: value for name, value in to_item(record).items() if value is not None}


def _number(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)
