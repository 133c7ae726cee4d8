"""The keys of the table, the tenant in each of them, and the shards of its indexes."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from zlib import crc32

from windrow.model.ref import GROUP_SIZE, Ref, ScheduleRef

# A partition of a table or an index takes 1,000 writes a second; shards share them out.
DUE_SHARDS = 16
READY_SHARDS = 4
LIST_SHARDS = 4

type Key = dict[str, str]

# The one item that holds the modes of all pools.
CONTROL_KEY: Key = {"PK": "CTL", "SK": "A"}
# The one item that says which code's schedules were made last.
CODE_KEY: Key = {"PK": "SCH", "SK": "CODE"}
# The one item that holds the key by which cursors are signed.
CURSORS_KEY: Key = {"PK": "CTL", "SK": "CURSORS"}


def key(ref: Ref) -> Key:
    """The key of a task, a group or a chunk; a group's chunks share a partition of their own."""
    partition = f"K#{ref.tenant}#{ref.task}"
    if ref.group is None:
        return {"PK": partition, "SK": "A"}
    if ref.chunk is None:
        return {"PK": partition, "SK": f"G#{ref.group:05d}"}
    return {"PK": chunk_partition(ref), "SK": f"C#{ref.chunk:07d}"}


def chunk_partition(group: Ref) -> str:
    """The partition that holds the chunks of a group."""
    return f"K#{group.tenant}#{group.task}#{group.group:05d}"


def child_partition(parent: Ref, number: int) -> str:
    """The partition that holds the row of a child of this number, and ninety-nine others."""
    return f"{key(parent)['PK']}#{number // GROUP_SIZE:05d}"


def child_key(parent: Ref, number: int) -> Key:
    """The key of the row by which a parent knows its child of this number."""
    return {"PK": child_partition(parent, number), "SK": f"T#{number:07d}"}


def ref(item: Mapping[str, str]) -> Ref:
    """The record that a key stands for."""
    _, tenant, task, *_ = item["PK"].split("#")
    kind, _, number = item["SK"].partition("#")
    match kind:
        case "G":
            return Ref(tenant, task, int(number))
        case "C":
            return Ref(tenant, task).chunk_at(int(number))
        case _:
            return Ref(tenant, task)


def step_key(ref: Ref, name: str) -> Key:
    """The key of a step that a task or a chunk has done, in the partition of its record."""
    if ref.chunk is None:
        return {"PK": key(ref)["PK"], "SK": f"S#{name}"}
    return {"PK": chunk_partition(ref), "SK": f"S#{ref.chunk:07d}#{name}"}


def lock_key(tenant: str, unique: str) -> Key:
    """The key of the lock that keeps a second live task with this unique key away."""
    return {"PK": f"U#{tenant}#{hashlib.sha256(unique.encode()).hexdigest()}", "SK": "A"}


def alias_key(ref: Ref) -> Key:
    """The key of what a submission's key met, by the id that it derives."""
    return {"PK": f"I#{ref.tenant}#{ref.task}", "SK": "A"}


def quota_key(tenant: str) -> Key:
    """The key of the bucket that a tenant's requests are taken from."""
    return {"PK": f"Q#{tenant}", "SK": "A"}


def slot_key(limit: str, number: int) -> Key:
    """The key of one of the slots of a limited task; they are read together."""
    return {"PK": f"N#{limit}", "SK": f"S#{number:05d}"}


def slot_shard(limit: str) -> str:
    """The partition of the `ready` index that holds what waits for a slot."""
    return f"N#{limit}"


def schedules_partition(tenant: str) -> str:
    """The partition that holds a tenant's schedules."""
    return f"SCH#{tenant}"


def schedule_key(ref: ScheduleRef) -> Key:
    """The key of a schedule."""
    return {"PK": schedules_partition(ref.tenant), "SK": f"S#{ref.id}"}


def schedules_count(tenant: str) -> Key:
    """The key of the item that counts a tenant's schedules."""
    return {"PK": schedules_partition(tenant), "SK": "A"}


def runs_partition(ref: ScheduleRef) -> str:
    """The partition that holds what became of a schedule's planned times."""
    return f"SCH#{ref.tenant}#{ref.id}"


# Schedules that somebody should look at stand in a partition of their own in the `due` index, where
# no sweep meets them. There are few, and each is written a few times a minute at the most.
SCHEDULES_DUE = "D#SCH"


def due_shards() -> list[str]:
    """Every partition of the `due` index."""
    return [f"D#{shard}" for shard in range(DUE_SHARDS)]


def due_shard(ref: Ref) -> str:
    """The partition of the `due` index that holds a record."""
    return f"D#{_shard(ref, DUE_SHARDS)}"


def ready_shards(pool: str, count: int) -> list[str]:
    """Every partition of the `ready` index that a pool has."""
    return [f"R#{pool}#{shard}" for shard in range(count)]


def ready_shard(pool: str, ref: Ref, count: int) -> str:
    """The partition of the `ready` index that holds a waiting task of a pool."""
    return f"R#{pool}#{_shard(ref, count)}"


def list_shard(tenant: str, standing: str, ref: Ref) -> str:
    """The partition of the `list` index that holds a task: active, or how it ended."""
    return f"L#{tenant}#{standing}#{_shard(ref, LIST_SHARDS)}"


def list_shards(tenant: str, standings: Iterable[str]) -> list[str]:
    """Every partition of the `list` index that holds a tenant's tasks of these standings."""
    return [f"L#{tenant}#{each}#{shard}" for each in standings for shard in range(LIST_SHARDS)]


def milliseconds(instant: datetime) -> int:
    """An instant as the table stores it: milliseconds since 1970, UTC."""
    return round(instant.timestamp() * 1000)


def sortable(instant: datetime) -> str:
    """An instant as a sort key: 13 digits last until the year 2286."""
    return f"{milliseconds(instant):013d}"


def _shard(ref: Ref, count: int) -> int:
    return crc32(str(ref).encode()) % count
