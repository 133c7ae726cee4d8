"""Changes of tasks, as the table's stream has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from windrow.model.records import Task
from windrow.store.items import from_encoded

type StreamRecord = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A task's step from one version to the next; None before its creation and after its deletion.

    number  its place in its shard of the stream: later changes have greater ones
    at      when the table made it, in whole seconds
    """

    number: int
    at: datetime
    before: Task | None
    after: Task | None


def is_of_task(record: StreamRecord) -> bool:
    """Is it a change of a task? Groups, chunks, locks and all else are in the stream as well."""
    keys = record["dynamodb"]["Keys"]
    return bool(keys["SK"]["S"] == "A" and keys["PK"]["S"].startswith("K#"))


def number_of(record: StreamRecord) -> int:
    """The place of a record in its shard. As numbers: their texts differ in length."""
    return int(record["dynamodb"]["SequenceNumber"])


def at_of(record: StreamRecord) -> datetime:
    """When the table made the change. boto3 has it as an instant, Lambda as seconds."""
    at = record["dynamodb"]["ApproximateCreationDateTime"]
    return at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)


def change_of(record: StreamRecord) -> Change:
    """The change that a record holds. Raises ValueError, KeyError or TypeError for what it is not.

    Whole seconds of its time: some emulators say more than AWS does.
    """
    images = record["dynamodb"]
    return Change(
        number=number_of(record),
        at=at_of(record).replace(microsecond=0),
        before=_task(images.get("OldImage")),
        after=_task(images.get("NewImage")),
    )


def _task(image: Mapping[str, Any] | None) -> Task | None:
    return cast(Task, from_encoded(image)) if image else None
