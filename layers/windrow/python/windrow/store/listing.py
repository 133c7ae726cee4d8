"""Finding tasks again: the index that lists every task of a tenant by how it stands, newest first.

It is divided by standing and shard. A read merges those that it needs, and stops when its page is
full or its calls are used up: what a page costs does not grow with the number of tasks, nor with
how few of them a filter lets through.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from windrow.aws.dynamodb import Scalar, decoded, expression
from windrow.aws.port import AWS
from windrow.model.filters import Filters
from windrow.model.ref import Ref
from windrow.store.keys import list_shards, ref, sortable

# With a filter: entries that the first call to each partition looks at, about 230 bytes each, so 3
# read units; most of what is asked for is no rarer than that.
LOOKED_AT_FIRST = 100
# And those of every further call, where it is: 28 read units.
LOOKED_AT = 1_000
# Calls beyond the first to each partition.
FURTHER_CALLS = 16
# Above every place: they begin with a digit.
NEWEST = "~"


@dataclass(frozen=True, slots=True)
class Listed:
    """A task in the index, and its place there: by when it was created, then by its id."""

    place: str
    ref: Ref


@dataclass(frozen=True, slots=True)
class Found:
    """What a read found, newest first; the next one goes on below `rest`, if there is more."""

    entries: tuple[Listed, ...]
    rest: str | None


@dataclass(slots=True)
class Shard:
    """A partition as far as it was read; what lies below `unread` was not, None when all was."""

    name: str
    unread: str | None
    is_begun: bool = False
    entries: deque[Listed] = field(default_factory=deque)

    @property
    def top(self) -> str:
        """Nothing of it that is not taken yet lies above this place; "" when all of it is."""
        return self.entries[0].place if self.entries else self.unread or ""


@dataclass(frozen=True, slots=True)
class ListIndex:
    """The index of all tasks. It lags by about a second: read a task before showing it."""

    aws: AWS
    table: str

    def find(self, tenant: str, filters: Filters, *, limit: int, below: str | None = None) -> Found:
        """At most `limit` tasks, newest first, of those below a place.

        One call to each partition, four for each standing that the filters allow; with filters that
        the index decides up to 16 more. It may find fewer than `limit`, or none, and have a
        `rest` all the same. A task that moves from one partition to another keeps its place, so it
        is on no two pages; while it moves it may be seen in neither, for about a second.
        """
        start = below or (sortable(filters.created_before) if filters.created_before else NEWEST)
        names = list_shards(tenant, filters.standings)
        shards = [Shard(name, start) for name in names]
        query = self._query(filters, limit)
        calls = len(names) + FURTHER_CALLS
        found: list[Listed] = []
        while len(found) < limit:
            shard = max(shards, key=lambda shard: shard.top, default=None)
            if shard is None or not shard.top:
                return Found(tuple(found), None)
            if shard.entries:
                entry = shard.entries.popleft()
                # On its way from one partition to another it may be seen in both.
                if not found or found[-1] != entry:
                    found.append(entry)
            elif calls:
                calls -= 1
                self._read(shard, query, filters)
            else:
                return Found(tuple(found), shard.unread)
        is_all = not any(shard.top for shard in shards)
        return Found(tuple(found), None if is_all else found[-1].place)

    def _query(self, filters: Filters, limit: int) -> dict[str, Any]:
        named = {
            "name": filters.name,
            "priority": filters.priority,
            "list_error": filters.error,
            "parent": filters.parent,
            "schedule": filters.schedule,
        }
        asked: dict[str, Scalar] = {
            name: value for name, value in named.items() if value is not None
        }
        conditions = [f"#{name} = :{name}" for name in asked]
        if filters.names:
            any_of = {f"name{number}": name for number, name in enumerate(sorted(filters.names))}
            conditions.append(f"#name IN ({', '.join(f':{each}' for each in any_of)})")
            asked |= any_of
        return {
            "filter": " AND ".join(conditions),
            "values": asked,
            # One more: the first may be what the page before ended with.
            "first": min(max(LOOKED_AT_FIRST, limit + 1) if asked else limit + 1, LOOKED_AT),
            "further": LOOKED_AT if asked else min(limit + 1, LOOKED_AT),
        }

    def _read(self, shard: Shard, query: dict[str, Any], filters: Filters) -> None:
        """Read on in a partition."""
        high = shard.unread
        assert high is not None
        low = sortable(filters.created_after) if filters.created_after else "0"
        limit = query["further" if shard.is_begun else "first"]
        shard.unread, shard.is_begun = None, True
        if high < low:
            return
        values: dict[str, Scalar | None] = {"shard": shard.name, "low": low, "high": high}
        answer = self.aws.call(
            "dynamodb",
            "Query",
            {
                "TableName": self.table,
                "IndexName": "list",
                "ScanIndexForward": False,
                "Limit": limit,
                **expression(
                    key_condition="#list_shard = :shard AND #list_at BETWEEN :low AND :high",
                    filter=query["filter"],
                    values=values | query["values"],
                ),
            },
        )
        rows = [decoded(item) for item in answer["Items"]]
        shard.entries.extend(
            Listed(row["list_at"], ref(row)) for row in rows if row["list_at"] != high
        )
        if "LastEvaluatedKey" in answer:
            shard.unread = answer["LastEvaluatedKey"]["list_at"]["S"]
