"""What the sweeper should look at: the sparse index of every record that is not over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from windrow.aws.dynamodb import decoded, expression
from windrow.aws.port import AWS
from windrow.model.ref import Ref
from windrow.store.items import due_of
from windrow.store.keys import due_shards, ref, sortable

# More than a sweep has time for; the rest is met a minute later.
LIMIT = 500


@dataclass(frozen=True, slots=True)
class Overdue:
    """A record whose time has come, and since when it waits."""

    ref: Ref
    due: datetime


@dataclass(frozen=True, slots=True)
class DueIndex:
    """The index by due time. It lags by about a second: read a record before acting on it."""

    aws: AWS
    table: str

    def before(self, now: datetime) -> list[Overdue]:
        """What was due before now, the longest overdue first; at most 500 of each shard."""
        return sorted(self._before(now), key=lambda overdue: overdue.due)

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
                yield Overdue(ref(found), due_of(found))
