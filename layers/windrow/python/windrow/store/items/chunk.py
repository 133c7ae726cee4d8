"""A chunk as an item of the table, and back."""

import json
from typing import Any

from windrow.model.records import Chunk, Failure, Lost
from windrow.model.ref import Ref
from windrow.store.items.record import from_record, to_record
from windrow.store.items.values import Attributes, Plain


def from_chunk(chunk: Chunk) -> Attributes:
    """A chunk's attributes."""
    return {
        **from_record(chunk),
        "first": chunk.first,
        "count": chunk.count,
        "offset": chunk.offset,
        "length": chunk.length,
        "left": None if chunk.left is None else _packed(chunk.left),
        "lost": _from_lost(chunk.lost),
    }


def to_chunk(found: Ref, item: Plain) -> Chunk:
    """The chunk that an item holds."""
    return Chunk(
        **to_record(found, item),
        first=item["first"],
        count=item["count"],
        offset=item["offset"],
        length=item["length"],
        left=tuple(json.loads(item["left"])) if "left" in item else None,
        lost=_to_lost(item),
    )


def _from_lost(lost: tuple[Lost, ...]) -> str | None:
    """JSON, as DynamoDB's own lists would cost three bytes more for each position."""
    if not lost:
        return None
    return _packed([[each.reason.kind, each.reason.message, each.positions] for each in lost])


def _to_lost(item: Plain) -> tuple[Lost, ...]:
    stored = json.loads(item.get("lost", "[]"))
    return tuple(Lost(tuple(at), Failure(kind, message)) for kind, message, at in stored)


def _packed(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
