"""What waits to be started: the sparse index of the queued tasks of a pool, most urgent first."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge

from windrow.aws.dynamodb import Scalar, decoded, expression
from windrow.aws.port import AWS
from windrow.model.priority import Mode, rank
from windrow.model.records import Chunk, Group, Task
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.keys import READY_SHARDS, ready_shard, ready_shards, ref, slot_shard

# 20 entries are about 2.5 KB: a page costs half a read unit whether one is asked for or all.
PAGE = 20
# Above the rank of every entry: levels end at 09.
ALL = "99"
CHUNK_PRIORITY = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry of the index: whose it is, and its rank when it was written."""

    ref: Ref
    rank: str


@dataclass(frozen=True, slots=True)
class Order:
    """Where a waiting task stands in the index, as the settings have it.

    Every write that leaves a task waiting writes its place anew. So when a setting changes, what
    waits is moved as the sweeper comes by, within minutes; until then it is found by its own hint.
    """

    mode: Mode = Mode.STRICT
    shards: int = READY_SHARDS

    def rank(self, task: Task) -> str:
        """How urgent a task is: the smaller text comes first."""
        return rank(self.mode, task.priority, task.queued)

    def _slot_rank(self, record: Task | Chunk) -> str:
        # A chunk has no priority; its map's limit is its own, so it waits with its like.
        priority = record.priority if isinstance(record, Task) else CHUNK_PRIORITY
        return rank(self.mode, priority, record.queued)

    def place(self, record: Task | Chunk | Group) -> dict[str, Scalar | None]:
        """The attributes that put a record into the index, or keep it out.

        A task is in it while it is queued and was so with its time come. Chunks are not: each has a
        message of its own, and a map of a million items would be a million entries. What waits for
        a slot, a chunk too, is in a partition of its own, where it is in nobody's way.
        """
        if not isinstance(record, Group) and record.waits_for and record.state is State.QUEUED:
            return {
                "ready_shard": slot_shard(record.waits_for),
                "ready_at": f"{self._slot_rank(record)}#{record.ref}",
            }
        if not isinstance(record, Task) or not is_listed(record):
            return {"ready_shard": None, "ready_at": None}
        return {
            "ready_shard": ready_shard(record.pool, record.ref, self.shards),
            "ready_at": f"{self.rank(record)}#{record.ref.task}",
        }


def is_listed(task: Task) -> bool:
    """Is it in the index? One that waits for a later time is put into it when that has come."""
    return task.state is State.QUEUED and task.not_before <= task.queued and task.waits_for is None


@dataclass(frozen=True, slots=True)
class ReadyIndex:
    """The index by urgency. It lags by about a second: read a task before acting on it."""

    aws: AWS
    table: str
    order: Order

    def waiting(self, pool: str, *, before: str = ALL) -> Iterator[Waiting]:
        """What waits in a pool with a smaller rank than `before`, the most urgent first.

        The first pages are read at once and the next ones as far as the caller looks.
        """
        shards = [self._shard(shard, before) for shard in ready_shards(pool, self.order.shards)]
        return merge(*shards, key=lambda waiting: waiting.rank)

    def heads(self, pool: str) -> Iterator[Waiting]:
        """The first of each level of each shard: the oldest of a pool is one of them.

        Levels that nothing waits in cost no call: at most eleven calls to a shard. Where priorities
        age there is one level, and its first is at most nine minutes younger than the oldest.
        """
        for shard in ready_shards(pool, self.order.shards):
            level = ""
            while found := self._first(shard, level):
                yield found
                # Beyond every entry of this level: what follows its digits is smaller.
                level = f"{found.rank[:2]}~"

    def _first(self, shard: str, level: str) -> Waiting | None:
        query = {
            "TableName": self.table,
            "IndexName": "ready",
            "Limit": 1,
            **expression(
                key_condition="#ready_shard = :shard AND #ready_at > :level",
                values={"shard": shard, "level": level or "!"},
            ),
        }
        for item in self.aws.call("dynamodb", "Query", query)["Items"]:
            found = decoded(item)
            return Waiting(ref(found), found["ready_at"][:16])
        return None

    def waiting_for_slot(self, limit: str) -> Iterator[Waiting]:
        """What waits for a slot of a limited task, the most urgent first: tasks and chunks."""
        return self._shard(slot_shard(limit), ALL)

    def _shard(self, shard: str, before: str) -> Iterator[Waiting]:
        query = {
            "TableName": self.table,
            "IndexName": "ready",
            "Limit": PAGE,
            **expression(
                key_condition="#ready_shard = :shard AND #ready_at < :before",
                values={"shard": shard, "before": before},
            ),
        }
        while True:
            answer = self.aws.call("dynamodb", "Query", query)
            for item in answer["Items"]:
                found = decoded(item)
                yield Waiting(ref(found), found["ready_at"][:16])
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
