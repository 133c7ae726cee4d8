"""Steps of a task or a chunk that are done: markers beside its record, written with its fence.

A marker counts for one life of a record, by its time of creation: the record of an id that is
derived from a key may expire, and another one of the same id may come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.aws.errors import Reason, Unavailable
from windrow.errors import Fenced, WriteRefused
from windrow.model.records import Chunk, Task
from windrow.store.keys import milliseconds, step_key
from windrow.store.records import Records
from windrow.store.transactions import FAILED, Transactions

# A marker must outlive whatever asks for it: attempts until the record's deadline, and those of a
# task that begins again. That it may within the retention, and has its whole deadline once more.
LONGER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Steps:
    """The markers of the table; reads are strongly consistent.

    `lasting` is how long the task may take when it begins again: its declared deadline.
    """

    records: Records
    transactions: Transactions
    retention: timedelta
    lasting: timedelta = timedelta()

    def memo(self, record: Task | Chunk, name: str) -> str | None:
        """The JSON text that was stored with a step; None when it is not done."""
        answer = self.records.aws.call(
            "dynamodb",
            "GetItem",
            {
                "TableName": self.records.table,
                "Key": encoded(step_key(record.ref, name)),
                "ConsistentRead": True,
            },
        )
        item = decoded(answer.get("Item", {}))
        return item["memo"] if item.get("created") == milliseconds(record.created) else None

    def mark(
        self,
        record: Task | Chunk,
        name: str,
        memo: str,
        writes: Sequence[Mapping[str, Any]] = (),
    ) -> str | None:
        """In one transaction: make `writes`, mark the step as done, and hold the record's fence.

        Returns None when that is done now, else the memo of whoever did it before, and then nothing
        is written. Raises Fenced when the record is another's, WriteRefused when one of `writes`
        is refused, Unavailable when it may or may not have happened.
        """
        reasons = self.transactions.write(
            [
                *map(dict, writes),
                {"Put": self._marker(record, name, memo)},
                {"ConditionCheck": self.records.check(record)},
            ]
        )
        if not reasons:
            return None
        *own, marker, fence = reasons
        if fence.code == FAILED:
            raise Fenced(str(record.ref), record.attempt)
        if marker.code == FAILED:
            return str(decoded(marker.item or {})["memo"])
        if {marker.code, fence.code} != {"None"}:
            # A write may be refused because it was made before: only the marker can tell.
            raise Unavailable("dynamodb", "TransactWriteItems", marker.code, f"step {name}")
        raise _refused(name, own)

    def _marker(self, record: Task | Chunk, name: str, memo: str) -> dict[str, Any]:
        created = milliseconds(record.created)
        begun = record.started or record.created
        expires = max(record.deadline, begun + self.lasting) + self.retention + LONGER
        return {
            "TableName": self.records.table,
            "Item": encoded(
                {
                    **step_key(record.ref, name),
                    "memo": memo,
                    "created": created,
                    # Which attempt did it: for whoever reads the log, and for the proof.
                    "attempt": record.attempt,
                    "expires": round(expires.timestamp()),
                }
            ),
            **expression(
                condition="attribute_not_exists(#PK) OR #created <> :created",
                values={"created": created},
            ),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


def _refused(name: str, reasons: Sequence[Reason]) -> WriteRefused:
    index, reason = next((i, each) for i, each in enumerate(reasons) if each.code != "None")
    return WriteRefused(name, index, reason.code, reason.item)
