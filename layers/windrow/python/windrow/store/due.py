"""What the sweeper should look at: the sparse index of every record that is not over."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from windrow.aws.dynamodb import decoded, encoded, expression, pages
from windrow.aws.errors import ConditionFailed
from windrow.aws.port import AWS
from windrow.model.ref import Ref
from windrow.store import many
from windrow.store.items import due_of
from windrow.store.keys import due_shards, key, ref, sortable

# More than a sweep has time for; the rest is met a minute later.
LIMIT = 500


@dataclass(frozen=True, slots=True)
class Overdue:
    """A record whose time has come, since when it waits, and its entry in the index."""

    ref: Ref
    due: datetime
    entry: str


@dataclass(frozen=True, slots=True)
class DueIndex:
    """The index by due time. It lags by about a second: read a record before acting on it."""

    aws: AWS
    table: str

    def before(self, now: datetime) -> list[Overdue]:
        """What was due before now, the longest overdue first; at most 500 of each shard."""
        return sorted(self._before(now), key=lambda overdue: overdue.due)

    def everything(self) -> Iterator[Overdue]:
        """Every record that is not over, due or not; page by page, shard by shard."""
        for shard in due_shards():
            query = {
                "TableName": self.table,
                "IndexName": "due",
                **expression(key_condition="#due_shard = :shard", values={"shard": shard}),
            }
            for found in pages(self.aws, query):
                yield Overdue(ref(found), due_of(found), found["due_at"])

    def items(self, entries: Iterable[Overdue]) -> dict[Ref, Mapping[str, Any]]:
        """The items of at most 100 records by one call, strongly consistent, as the table has them.

        One that is missing is gone. Raises Unavailable when some are unread after three calls.
        """
        return many.items(self.aws, self.table, (entry.ref for entry in entries))

    def put_off(self, overdue: Overdue, due: datetime) -> None:
        """Move the due time of a record that cannot be read, unless somebody else has moved it."""
        update = {
            "TableName": self.table,
            "Key": encoded(key(overdue.ref)),
            **expression(
                update="SET #due_at = :next",
                condition="#due_at = :seen",
                values={"next": f"{sortable(due)}#{overdue.ref}", "seen": overdue.entry},
            ),
        }
        with suppress(ConditionFailed):
            self.aws.call("dynamodb", "UpdateItem", update)

    def _before(self, now: datetime) -> Iterator[Overdue]:
        for shard in due_shards():
            query = {
                "TableName": self.table,
                "IndexName": "due",
                "Limit": LIMIT,
                **expression(
                    key_condition="#due_shard = :shard AND #due_at < :now",
                    values={"shard": shard, "now": sortable(now)},
                ),
            }
            for item in self.aws.call("dynamodb", "Query", query)["Items"]:
                found = decoded(item)
                yield Overdue(ref(found), due_of(found), found["due_at"])
