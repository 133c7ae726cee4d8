"""The table's stream as a rebuild reads it: by itself, shard by shard, parents before children."""

from dataclasses import dataclass, field
from typing import Any

from windrow.aws.errors import ServiceError
from windrow.aws.port import AWS
from windrow.errors import ConfigurationError
from windrow.store.changes import StreamRecord, number_of

SERVICE = "dynamodbstreams"
TRIMMED = "TrimmedDataAccessException"


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard, and the one whose end it goes on from."""

    id: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """The stream of the tasks table; it keeps what it holds for a day."""

    aws: AWS
    arn: str

    @classmethod
    def of(cls, aws: AWS, table: str) -> "Stream":
        """The stream of a table. Raises ConfigurationError for a table without one."""
        described = aws.call("dynamodb", "DescribeTable", {"TableName": table})["Table"]
        if "LatestStreamArn" not in described:
            raise ConfigurationError(f"The table {table} has no stream to count from.")
        return cls(aws, described["LatestStreamArn"])

    def position(self, shard: Shard) -> str:
        """The name of a shard's position."""
        return f"{self.arn.rpartition('/')[2]}/{shard.id}"

    def shards(self) -> list[Shard]:
        """The shards that still hold something or will, parents first."""
        found: dict[str, Shard] = {}
        start: dict[str, str] = {}
        while True:
            asked = {"StreamArn": self.arn, **start}
            answer = self.aws.call(SERVICE, "DescribeStream", asked)["StreamDescription"]
            for each in answer["Shards"]:
                found[each["ShardId"]] = Shard(each["ShardId"], each.get("ParentShardId"))
            if "LastEvaluatedShardId" not in answer:
                return sorted(found.values(), key=lambda shard: _depth(shard, found))
            start = {"ExclusiveStartShardId": answer["LastEvaluatedShardId"]}

    def reader(self, shard: Shard, after: int | None) -> "Reader":
        """A reader of what comes after a place, or of all that is kept where that is gone."""
        return Reader(self.aws, self.arn, shard, after)


@dataclass(slots=True)
class Reader:
    """Reads a shard on, page by page. `is_done` when it is closed and was read to its end."""

    aws: AWS
    arn: str
    shard: Shard
    after: int | None
    is_done: bool = False
    _iterator: str | None = field(default=None)

    def page(self) -> list[StreamRecord]:
        """What comes next; nothing does not mean that nothing will come."""
        while not self.is_done:
            answer = self.aws.call(
                SERVICE, "GetRecords", {"ShardIterator": self._iterator or self._begin()}
            )
            self._iterator = answer.get("NextShardIterator")
            self.is_done = self._iterator is None
            found: list[StreamRecord] = answer["Records"]
            # An emulator knows no place whose zeros in front are missing, and so it begins at the
            # beginning.
            new = [each for each in found if self.after is None or number_of(each) > self.after]
            if new or not found:
                return new
        return []

    def _begin(self) -> str:
        if self.after is not None:
            try:
                return self._at(
                    ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=str(self.after)
                )
            except ServiceError as error:
                # The consumer, too, will go on with what is left.
                if error.code != TRIMMED:
                    raise
        return self._at(ShardIteratorType="TRIM_HORIZON")

    def _at(self, **where: str) -> str:
        asked: dict[str, Any] = {"StreamArn": self.arn, "ShardId": self.shard.id, **where}
        iterator: str = self.aws.call(SERVICE, "GetShardIterator", asked)["ShardIterator"]
        return iterator


def _depth(shard: Shard, known: dict[str, Shard]) -> int:
    depth = 0
    while shard.parent is not None and shard.parent in known:
        shard, depth = known[shard.parent], depth + 1
    return depth
