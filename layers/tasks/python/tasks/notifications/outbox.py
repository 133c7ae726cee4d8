"""The outbox: what was told, in the application table, the newest first."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.aws.port import AWS

KEPT = timedelta(days=30)
MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """A notification that was told, and by which task."""

    task_id: str
    title: str
    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outbox:
    """A tenant's notifications: one partition, one row a task, sorted by time."""

    aws: AWS
    table: str
    tenant: str

    def put(self, told: Told) -> None:
        """Put a notification there; the same one again changes nothing. Raises ServiceError."""
        milliseconds = (told.at - EPOCH) // MILLISECOND
        item: dict[str, str | int] = {
            "PK": self._partition,
            "SK": f"{milliseconds:015}#{told.task_id}",
            "task": told.task_id,
            "title": told.title,
            "message": told.message,
            "at": milliseconds,
            "expires": round((told.at + KEPT).timestamp()),
        }
        self.aws.call("dynamodb", "PutItem", {"TableName": self.table, "Item": encoded(item)})

    def latest(self, limit: int, now: datetime) -> list[Told]:
        """The newest, at most so many; DynamoDB deletes what has expired when it likes."""
        query = {
            "TableName": self.table,
            "ScanIndexForward": False,
            "Limit": limit,
            **expression(key_condition="#PK = :partition", values={"partition": self._partition}),
        }
        rows = map(decoded, self.aws.call("dynamodb", "Query", query)["Items"])
        return [
            Told(row["task"], row["title"], row["message"], EPOCH + row["at"] * MILLISECOND)
            for row in rows
            if row["expires"] > now.timestamp()
        ]

    @property
    def _partition(self) -> str:
        return f"NOTIFICATIONS#{self.tenant}"
