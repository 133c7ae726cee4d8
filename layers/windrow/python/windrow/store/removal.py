"""What lies in the table and the bucket of a task beside its record, and how it is deleted.

Each row goes only as it was read: of an id that a key derives another task may have begun since,
and whoever is overtaken deletes nothing of that.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from windrow.aws.dynamodb import decoded, encoded, expression, pages
from windrow.aws.errors import ConditionFailed
from windrow.model.records import Task
from windrow.model.ref import GROUP_SIZE, Ref
from windrow.store.bucket import Bucket
from windrow.store.items import to_item
from windrow.store.keys import Key, chunk_partition, key, milliseconds
from windrow.store.records import Records

# What tells the row of one life from that of the next: all have the first, groups the second.
TOLD_BY = ("created", "deadline")
SHELVES = ("tasks", "later")


@dataclass(frozen=True, slots=True)
class Removal:
    """Deletes; a second time it finds less to delete."""

    records: Records
    bucket: Bucket

    def rows(self, task: Task) -> Iterator[dict[str, Any]]:
        """The groups, chunks, steps and rows of children of a task: keys, and what tells them."""
        own = key(task.ref)
        numbered = range(_partitions(task))
        partitions = [chunk_partition(_group(task.ref, number)) for number in numbered]
        for partition in (*partitions, own["PK"]):
            query = {
                "TableName": self.records.table,
                "ConsistentRead": True,
                **expression(
                    key_condition="#PK = :partition",
                    projection="#PK, #SK, #created, #deadline",
                    values={"partition": partition},
                ),
            }
            yield from (row for row in pages(self.records.aws, query) if row["SK"] != own["SK"])

    def delete_row(self, row: dict[str, Any]) -> None:
        """Delete one of them, if it is still what it was."""
        told_by = next(name for name in TOLD_BY if name in row)
        self._delete(
            {"PK": row["PK"], "SK": row["SK"]}, f"#{told_by} = :seen", {"seen": row[told_by]}
        )

    def objects(self, prefix: str) -> Iterator[str]:
        """The keys of the objects below a prefix."""
        asked = {**self.bucket.at(prefix)}
        asked["Prefix"] = asked.pop("Key")
        while True:
            answer = self.records.aws.call("s3", "ListObjectsV2", asked)
            yield from (found["Key"] for found in answer.get("Contents", []))
            if not answer.get("IsTruncated"):
                return
            asked["ContinuationToken"] = answer["NextContinuationToken"]

    def delete_object(self, key: str) -> None:
        """Delete an object."""
        self.records.aws.call("s3", "DeleteObject", self.bucket.at(key))

    def delete_record(self, task: Task) -> None:
        """Delete the record itself, if it is still this version of it."""
        held = to_item(task)
        names = ("owner", "created", "attempt")
        self._delete(
            key(task.ref),
            " AND ".join(f"#{name} = :{name}" for name in names),
            {name: held[name] for name in names},
        )

    def mark(self, tenant: str, until: datetime) -> None:
        """Note that tasks that ended until then may be gone: their figures cannot be recomputed."""
        with suppress(ConditionFailed):
            self.records.aws.call(
                "dynamodb",
                "UpdateItem",
                {
                    "TableName": self.records.table,
                    "Key": encoded(_mark(tenant)),
                    **expression(
                        update="SET #until = :until",
                        condition="attribute_not_exists(#PK) OR #until < :until",
                        values={"until": milliseconds(until)},
                    ),
                },
            )

    def _delete(self, key: Key, condition: str, values: dict[str, Any]) -> None:
        with suppress(ConditionFailed):
            self.records.aws.call(
                "dynamodb",
                "DeleteItem",
                {
                    "TableName": self.records.table,
                    "Key": encoded(key),
                    **expression(condition=condition, values=values),
                },
            )


def removed_until(records: Records, tenant: str) -> datetime | None:
    """Up to when the ends are of which tasks may have been removed; None where none was."""
    answer = records.aws.call(
        "dynamodb",
        "GetItem",
        {"TableName": records.table, "Key": encoded(_mark(tenant)), "ConsistentRead": True},
    )
    item = decoded(answer.get("Item", {}))
    return datetime.fromtimestamp(item["until"] / 1000, UTC) if item else None


def shelves(ref: Ref) -> Iterator[str]:
    """The prefixes of the objects that the engine keeps of a task."""
    for shelf in SHELVES:
        yield f"{shelf}/{ref.tenant}/{ref.task}/"


def _mark(tenant: str) -> Key:
    return {"PK": "CTL", "SK": f"REMOVED#{tenant}"}


def _group(ref: Ref, number: int) -> Ref:
    return Ref(ref.tenant, ref.task, number)


def _partitions(task: Task) -> int:
    """How many partitions its chunks and its rows of children may fill: as many as it has begun."""
    chunks = -(-task.progress.total // (task.chunk_size or 1)) if task.items else 0
    groups = max(-(-chunks // GROUP_SIZE), task.groups or 0, task.expanded)
    return max(groups, -(-task.children // GROUP_SIZE))
