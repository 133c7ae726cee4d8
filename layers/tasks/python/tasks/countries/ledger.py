"""What refreshes must know of each other: their order, the ids given, and the last complete one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tasks.countries.items import MILLISECOND, instant, milliseconds
from tasks.countries.rows import partition
from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.aws.errors import ConditionFailed
from windrow.aws.port import AWS


@dataclass(frozen=True, slots=True)
class Place:
    """A refresh's place among all: its time, later than that of any before, and its first id."""

    at: datetime
    first_id: int


@dataclass(frozen=True, slots=True)
class Complete:
    """A refresh of which every row is stored."""

    at: datetime
    attribution: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """One item beside a tenant's rows.

    planned_by, planned_at   the refresh that planned last, and its time
    highest_id               of all ids ever handed out
    refreshed_at             the time of the last complete refresh
    attribution              the sources of the refresh that planned last
    """

    aws: AWS
    table: str
    tenant: str

    def plan(self, task_id: str, count: int, now: datetime, attribution: str) -> Place:
        """Enter a refresh of `count` countries, and hand it as many ids that no row ever had.

        Its time is `now`, unless an earlier refresh's is not before that: clocks differ, and by
        this time rows tell an older refresh from a newer one. A second time hands out a new place;
        the ids of the first are never used, as with the sequences of databases.
        """
        at = now
        while True:
            try:
                item = self._plan(task_id, count, at, attribution)
            except ConditionFailed as error:
                earlier = decoded(error.item or {})["planned_at"]
                at = instant(earlier) + MILLISECOND
            else:
                return Place(instant(item["planned_at"]), item["highest_id"] - count + 1)

    def complete(self, task_id: str) -> Complete | None:
        """Note that every row of a refresh is stored; None when another has been planned since.

        A second time changes nothing: the time is the plan's, not that of this call.
        """
        try:
            item = self._update(
                update="SET #refreshed_at = #planned_at",
                condition="#planned_by = :task",
                values={"task": task_id},
            )
        except ConditionFailed:
            return None
        return Complete(instant(item["refreshed_at"]), item["attribution"])

    def last_refresh(self) -> datetime | None:
        """The time of the last complete refresh; None before the first."""
        answer = self.aws.call("dynamodb", "GetItem", {**self._item(), "ConsistentRead": True})
        item = decoded(answer.get("Item", {}))
        return instant(item["refreshed_at"]) if "refreshed_at" in item else None

    def _plan(self, task_id: str, count: int, at: datetime, attribution: str) -> dict[str, Any]:
        return self._update(
            update="SET #planned_by = :task, #planned_at = :at, #attribution = :attribution"
            " ADD #highest_id :count",
            condition="attribute_not_exists(#planned_at) OR #planned_at < :at",
            values={
                "task": task_id,
                "at": milliseconds(at),
                "attribution": attribution,
                "count": count,
            },
        )

    def _update(self, *, update: str, condition: str, values: dict[str, Any]) -> dict[str, Any]:
        """Change the item; returns all of it as it is then."""
        answer = self.aws.call(
            "dynamodb",
            "UpdateItem",
            {
                **self._item(),
                **expression(update=update, condition=condition, values=values),
                "ReturnValues": "ALL_NEW",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
        )
        return decoded(answer["Attributes"])

    def _item(self) -> dict[str, Any]:
        key = {"PK": partition(self.tenant), "SK": "META"}
        return {"TableName": self.table, "Key": encoded(key)}
