"""A table's stream: every change of an item, in order within its shard."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.values import Item, item_size

SHARDS = 2
TTL_IDENTITY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}

type Records = list[dict[str, Any]]


@dataclass(slots=True)
class Stream:
    """Records of new and old images. Items of one partition key share a shard, as on AWS."""

    arn: str
    now: Callable[[], int]
    key_names: tuple[str, ...]
    shards: list[Records] = field(default_factory=lambda: [[] for _ in range(SHARDS)])
    _number: int = 0

    def note(self, key: Key, before: Item | None, after: Item | None, *, by_ttl: bool) -> None:
        """Add the record of a change. A write that changes nothing has none."""
        if before == after:
            return
        self._number += 1
        image = after if after is not None else before
        assert image is not None
        images = {
            kind: item
            for kind, item in (("OldImage", before), ("NewImage", after))
            if item is not None
        }
        name = "INSERT" if before is None else "REMOVE" if after is None else "MODIFY"
        record: dict[str, Any] = {
            "eventID": f"{self._number:032x}",
            "eventName": name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "eventSourceARN": self.arn,
            "dynamodb": {
                "ApproximateCreationDateTime": self.now() // 1000,
                "Keys": {name: image[name] for name in self.key_names},
                **images,
                "SequenceNumber": f"{self._number:021d}",
                "SizeBytes": sum(map(item_size, images.values())),
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        }
        if by_ttl:
            record["userIdentity"] = TTL_IDENTITY
        self.shards[crc32(key[0].encode()) % SHARDS].append(record)

    def read(self, shard: int, position: int, limit: int = 1000) -> tuple[Records, int]:
        """Up to `limit` records of a shard from a position on, and the position after them."""
        records = self.shards[shard][position : position + limit]
        return records, position + len(records)


def shard_id(shard: int) -> str:
    """The name of a shard."""
    return f"shardId-{shard:020d}-00000000"


def batch(records: Records, shard: int) -> dict[str, Any]:
    """Records of a shard, as a mapping with a tumbling window hands them to a function."""
    return {
        "Records": records,
        "window": {"start": "2026-01-15T10:30:00Z", "end": "2026-01-15T10:45:00Z"},
        "state": {},
        "shardId": shard_id(shard),
        "eventSourceARN": records[0]["eventSourceARN"],
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }
