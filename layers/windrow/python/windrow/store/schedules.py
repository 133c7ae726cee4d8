"""Schedules in the table, with what became of their planned times."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from windrow.aws.dynamodb import decoded, encoded, expression, pages
from windrow.aws.errors import ConditionFailed, ServiceError
from windrow.aws.port import AWS
from windrow.errors import TooManySchedules
from windrow.model.ref import ScheduleRef
from windrow.model.scheduled import Run, Scheduled
from windrow.store.items.schedule import from_schedule, to_schedule
from windrow.store.items.values import Attributes
from windrow.store.keys import (
    CODE_KEY,
    SCHEDULES_DUE,
    milliseconds,
    runs_partition,
    schedule_key,
    schedules_count,
    schedules_partition,
    sortable,
)
from windrow.store.transactions import FAILED, Transactions

# How many a tenant may have, unless a deployment says otherwise.
MOST = 1_000
# Of each tick; the rest is met by the next one.
LIMIT = 100


@dataclass(frozen=True, slots=True)
class Schedules:
    """The schedules of the table; reads are strongly consistent. A schedule is one item, so that
    whatever is decided of it is one conditional write. An item beside them counts those that are
    live, in the transactions that let one begin and end; a tenant has `most` of them.
    """

    aws: AWS
    table: str
    transactions: Transactions
    most: int = MOST

    def read(self, ref: ScheduleRef) -> Scheduled | None:
        """The schedule as it stands, removed ones included as long as their item is kept."""
        get = {
            "TableName": self.table,
            "Key": encoded(schedule_key(ref)),
            "ConsistentRead": True,
        }
        answer = self.aws.call("dynamodb", "GetItem", get)
        return to_schedule(decoded(answer["Item"])) if "Item" in answer else None

    def write(self, before: Scheduled | None, after: Scheduled) -> Scheduled | None:
        """Store the next version of a schedule, or the first one; None when it has moved on.

        The second try of a write whose answer was lost is told from another's write: its item is
        the very one. Raises TooManySchedules for one more than a tenant may have; what the code
        declares is counted, and never refused.
        """
        version = 1 if before is None else before.version + 1
        wanted = replace(after, version=version)
        item = encoded(from_schedule(wanted))
        if before is None:
            condition = expression(condition="attribute_not_exists(#PK)")
        else:
            condition = expression(condition="#version = :seen", values={"seen": before.version})
        put = {
            "TableName": self.table,
            "Item": item,
            **condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        born = wanted.is_live - (before is not None and before.is_live)
        stands = self._counted(put, wanted, born) if born else self._put(put)
        return wanted if stands is None or stands == item else None

    def _put(self, put: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Store an item; what stands in its way, if something does."""
        try:
            self.aws.call("dynamodb", "PutItem", put)
        except ConditionFailed as error:
            return error.item or {}
        return None

    def _counted(
        self, put: dict[str, Any], wanted: Scheduled, born: int
    ) -> Mapping[str, Any] | None:
        """The same, together with the count of those that are live."""
        limited: dict[str, Any] = {}
        if born > 0 and not wanted.is_declared:
            limited = {
                "condition": "attribute_not_exists(#schedules) OR #schedules < :most",
                "values": {"most": self.most},
            }
        count = {
            "TableName": self.table,
            "Key": encoded(schedules_count(wanted.ref.tenant)),
            **expression(
                update="ADD #schedules :born",
                condition=limited.get("condition"),
                values={"born": born, **limited.get("values", {})},
            ),
        }
        reasons = self.transactions.write([{"Put": put}, {"Update": count}])
        if not reasons:
            return None
        if reasons[0].code == FAILED:
            return reasons[0].item or {}
        if reasons[1].code == FAILED:
            raise TooManySchedules(self.most)
        raise ServiceError("dynamodb", "TransactWriteItems", reasons[1].code, str(wanted.ref))

    def page(self, tenant: str, after: str, limit: int) -> list[Scheduled]:
        """A tenant's schedules by id, those that follow `after`; removed ones included."""
        answer = self.aws.call(
            "dynamodb",
            "Query",
            {
                "TableName": self.table,
                "ConsistentRead": True,
                "Limit": limit,
                **expression(
                    key_condition="#PK = :partition AND #SK > :after",
                    values={"partition": schedules_partition(tenant), "after": f"S#{after}"},
                ),
            },
        )
        return [to_schedule(decoded(item)) for item in answer["Items"]]

    def all_of(self, tenant: str) -> Iterator[Scheduled]:
        """Every schedule of a tenant, page after page; removed ones included."""
        query = {
            "TableName": self.table,
            "ConsistentRead": True,
            **expression(
                key_condition="#PK = :partition AND begins_with(#SK, :prefix)",
                values={"partition": schedules_partition(tenant), "prefix": "S#"},
            ),
        }
        yield from (to_schedule(item) for item in pages(self.aws, query))

    def due(self, now: datetime) -> list[ScheduleRef]:
        """The schedules that somebody should have looked at, the longest overdue first.

        The index lags by about a second: look at the record itself.
        """
        query = {
            "TableName": self.table,
            "IndexName": "due",
            "Limit": LIMIT,
            **expression(
                key_condition="#due_shard = :shard AND #due_at < :now",
                values={"shard": SCHEDULES_DUE, "now": sortable(now)},
            ),
        }
        found = (decoded(item) for item in self.aws.call("dynamodb", "Query", query)["Items"])
        return [_ref(item) for item in found]

    def known_code(self) -> str | None:
        """The fingerprint of the declarations that schedules were made of last."""
        get = {"TableName": self.table, "Key": encoded(CODE_KEY), "ConsistentRead": True}
        answer = self.aws.call("dynamodb", "GetItem", get)
        return decoded(answer["Item"])["said"] if "Item" in answer else None

    def know_code(self, said: str) -> None:
        """Remember of which declarations schedules were made."""
        item = encoded({**CODE_KEY, "said": said})
        self.aws.call("dynamodb", "PutItem", {"TableName": self.table, "Item": item})

    def note(
        self, ref: ScheduleRef, runs: Sequence[Run], expires: datetime, *, is_guess: bool = False
    ) -> None:
        """Keep what became of planned times; a second time changes nothing.

        With `is_guess` it is not decided yet, and what is known of a time already stands.
        """
        condition = expression(condition="attribute_not_exists(#PK)") if is_guess else {}
        for run in runs:
            item: Attributes = {
                "PK": runs_partition(ref),
                "SK": f"R#{sortable(run.planned)}",
                "planned": milliseconds(run.planned),
                "outcome": run.outcome,
                "task": run.task,
                "reason": run.reason,
                "expires": round(expires.timestamp()),
            }
            put = {"TableName": self.table, "Item": encoded(item), **condition}
            with suppress(ConditionFailed):
                self.aws.call("dynamodb", "PutItem", put)

    def runs(
        self, ref: ScheduleRef, now: datetime, limit: int, before: datetime | None = None
    ) -> list[Run]:
        """What became of the last planned times, the newest first; those planned `before` one."""
        key_condition, values = "#PK = :partition", {"partition": runs_partition(ref)}
        if before is not None:
            key_condition += " AND #SK < :before"
            values["before"] = f"R#{sortable(before)}"
        answer = self.aws.call(
            "dynamodb",
            "Query",
            {
                "TableName": self.table,
                "ScanIndexForward": False,
                "Limit": limit,
                **expression(key_condition=key_condition, values=values),
            },
        )
        items = [decoded(item) for item in answer["Items"]]
        # TTL deletes up to days late.
        return [_run(item) for item in items if item["expires"] > now.timestamp()]


def _ref(item: dict[str, Any]) -> ScheduleRef:
    return ScheduleRef(item["PK"].removeprefix("SCH#"), item["SK"].removeprefix("S#"))


def _run(item: dict[str, Any]) -> Run:
    return Run(
        planned=datetime.fromtimestamp(item["planned"] / 1000, UTC),
        outcome=item["outcome"],
        task=item.get("task"),
        reason=item.get("reason"),
    )
