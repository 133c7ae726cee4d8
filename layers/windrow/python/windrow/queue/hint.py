"""The message: a hint that a record is worth a look. No decision is ever taken from it."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from windrow.errors import WindrowError
from windrow.model.ref import Ref, ScheduleRef

VERSION = 1


@dataclass(frozen=True, slots=True)
class Later:
    """A hint that is to be delivered again `after` a while; at its `receives`-th receive, no more.

    A hint that is let go is not lost work: the sweeper sends another.
    """

    after: timedelta
    receives: int


class UnreadableHint(WindrowError):
    """A message that is not a hint, or one of a version that is not known here (yet)."""

    def __init__(self, body: str) -> None:
        self.body = body[:300]
        super().__init__(f"Not a hint of version {VERSION}: {self.body!r}")


def encode(ref: Ref | ScheduleRef) -> str:
    """The body of a hint: ids only, under 300 bytes."""
    body: dict[str, Any] = {"v": VERSION, "tenant": ref.tenant}
    if isinstance(ref, ScheduleRef):
        return _written(body | {"schedule": ref.id})
    body["task"] = ref.task
    if ref.group is not None:
        body["group"] = ref.group
    if ref.chunk is not None:
        body["chunk"] = ref.chunk
    return _written(body)


def decode(body: str) -> Ref | ScheduleRef:
    """The record that a hint points at. Raises UnreadableHint."""
    try:
        fields = json.loads(body)
        if fields["v"] != VERSION:
            raise UnreadableHint(body)
        if "schedule" in fields:
            return ScheduleRef(_text(fields["tenant"]), _text(fields["schedule"]))
        ref = Ref(_text(fields["tenant"]), _text(fields["task"]))
        if "chunk" in fields:
            return ref.chunk_at(_number(fields["chunk"]))
        if "group" in fields:
            return ref.group_at(_number(fields["group"]))
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableHint(body) from error
    return ref


def _written(body: dict[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("expected a text")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("expected a whole number from 0 on")
    return value
