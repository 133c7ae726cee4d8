"""What the sweeper should look at: the sparse index of every record that is not over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from windrow.aws.port import AWS
from windrow.model.ref import Ref
from windrow.store.expressions import expression
from windrow.store.items import due_of
from windrow.store.keys import due_shards, ref, sortable
from windrow.store.records import pages


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

    def before(self, now: datetime) -> Iterator[Overdue]:
        """What was due before now; within a shard, the longest overdue first."""
        for shard in due_shards():
            query = {
                "TableName": self.table,
                "IndexName": "due",
                **expression(
                    key_condition="#due_shard = :shard AND #due_at < :now",
                    values={"shard": shard, "now": sortable(now)},
                ),
            }
            for item in pages(self.aws, query):
                yield Overdue(ref(item), due_of(item))
