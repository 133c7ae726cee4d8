"""Values that several kinds of records have, as attributes of an item, and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from windrow.aws.dynamodb import Scalar
from windrow.model.records import Failure, Progress
from windrow.model.ref import Ref
from windrow.store.keys import due_shard, milliseconds, sortable

type Attributes = dict[str, Scalar | None]
type Plain = Mapping[str, Any]


def due_place(found: Ref, due: datetime | None) -> Attributes:
    """The attributes that put a record into the `due` index, or keep it out."""
    if due is None:
        return {"due_shard": None, "due_at": None}
    return {"due_shard": due_shard(found), "due_at": f"{sortable(due)}#{found}"}


def due_instant(item: Plain) -> datetime | None:
    """When a record is due, if it is."""
    return due_of(item) if "due_at" in item else None


def due_of(item: Plain) -> datetime:
    """When a record is due; `item` may be what the `due` index shows of it."""
    return datetime.fromtimestamp(int(item["due_at"].partition("#")[0]) / 1000, UTC)


def from_progress(progress: Progress) -> Attributes:
    """A progress as attributes; what is 0 is absent."""
    return {
        "total": progress.total or None,
        "succeeded": progress.succeeded or None,
        "failed": progress.failed or None,
        "cancelled": progress.cancelled or None,
        "ended_items": progress.ended or None,
    }


def to_progress(item: Plain) -> Progress:
    """The progress that an item holds."""
    return Progress(
        total=item.get("total", 0),
        succeeded=item.get("succeeded", 0),
        failed=item.get("failed", 0),
        cancelled=item.get("cancelled", 0),
    )


def failure(item: Plain) -> Failure | None:
    """Why a record ended, or will be tried again, if an item says so."""
    return Failure(item["error_kind"], item["error_message"]) if "error_kind" in item else None


def optional_milliseconds(instant: datetime | None) -> int | None:
    """Milliseconds since 1970, or None."""
    return None if instant is None else milliseconds(instant)


def optional_seconds(instant: datetime | None) -> int | None:
    """TTL counts in seconds."""
    return None if instant is None else round(instant.timestamp())


def instant(number: int | None, per_second: int = 1000) -> datetime | None:
    """An instant from a number, or None; a second has `per_second` of its units."""
    return None if number is None else datetime.fromtimestamp(number / per_second, UTC)
