"""The rows by which a task knows its children, and the moments at which one begins, again or anew.

A row is written with its child, in one transaction: it says what the child's record says. A row
counts for one life of its parent, by its time of creation, for an id may come from a key.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from windrow.aws.dynamodb import decoded, encoded, expression, pages
from windrow.aws.errors import Reason, Unavailable
from windrow.errors import CancelRequested, Fenced
from windrow.model.children import Child
from windrow.model.records import Failure, Task
from windrow.model.ref import GROUP_SIZE, Ref
from windrow.model.states import State
from windrow.store.fence import FENCE
from windrow.store.items import to_item
from windrow.store.keys import child_key, child_partition, milliseconds
from windrow.store.records import Records
from windrow.store.transactions import Transactions

FAILED = "ConditionalCheckFailed"
# A transaction has 100 parts: the parent, and a record and a row for each child.
AT_ONCE = 49
LONGEST_REASON = 200
# A row must outlive its parent, also one that begins again as late as it may.
LONGER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Children:
    """The children of the table; reads are strongly consistent."""

    records: Records
    transactions: Transactions

    def some(self, parent: Task, number: int) -> list[Child]:
        """The child of this number, and those whose rows lie with its own: a hundred at most."""
        query = {
            "TableName": self.records.table,
            "ConsistentRead": True,
            **expression(
                key_condition="#PK = :partition AND begins_with(#SK, :prefix)",
                values={"partition": child_partition(parent.ref, number), "prefix": "T#"},
            ),
        }
        created = milliseconds(parent.created)
        rows = pages(self.records.aws, query)
        return [_child(parent.ref, row) for row in rows if row["created"] == created]

    def all(self, parent: Task) -> Iterator[Child]:
        """Every child, in order of their numbers."""
        for number in range(0, parent.children, GROUP_SIZE):
            yield from self.some(parent, number)

    def bear(
        self, before: Task, after: Task, children: Sequence[Task], retention: timedelta
    ) -> Task:
        """Store up to 49 new children, and with them the parent that has so many more.

        All or nothing, and only while the parent's fence holds and nobody has asked to cancel it.
        A second time changes nothing. Raises Fenced, CancelRequested, ServiceError.
        """
        parts = [{"Update": self.records.update(before, after)}]
        for child in children:
            parts.append({"Put": self.records.put(child)})
            parts.append({"Put": self._row(before, child, retention)})
        reasons = self.transactions.write(parts)
        if reasons and reasons[0].code == FAILED:
            _unless_born(after, reasons[0])
        elif reasons:
            raise refused(reasons, str(before.ref))
        return after

    def settle(self, child: Task) -> dict[str, Any]:
        """The part that says in a child's row how its record stands."""
        error = child.error if child.state.is_over else None
        told = {
            "error_kind": error.kind if error else None,
            "error_message": error.message[:LONGEST_REASON] if error else None,
        }
        values = {"state": child.state, "round": child.round, **told}
        assigned = [name for name, value in values.items() if value is not None]
        removed = [name for name, value in values.items() if value is None]
        update = "SET " + ", ".join(f"#{name} = :{name}" for name in assigned)
        if removed:
            update += " REMOVE " + ", ".join(f"#{name}" for name in removed)
        return {
            "TableName": self.records.table,
            "Key": encoded(_key(child)),
            # UpdateItem makes what is missing, and a row that has expired is to stay away.
            **expression(
                update=update,
                condition="#task = :task",
                values={**values, "task": child.ref.task},
            ),
        }

    def begin_again(self, before: Task, after: Task) -> Task:
        """Let a child that was over begin again, in its record and in its row.

        A second time changes nothing. Raises Fenced when it has moved on.
        """
        reasons = self.transactions.write(
            [{"Update": self.records.update(before, after)}, {"Update": self.settle(after)}]
        )
        if reasons and reasons[0].code == FAILED:
            self.records.unless_written(after, reasons[0].item)
        elif reasons:
            raise refused(reasons, str(after.ref))
        return after

    def _row(self, parent: Task, child: Task, retention: timedelta) -> dict[str, Any]:
        if child.needed_until is None:
            raise AssertionError("a child knows until when it is needed")
        created = milliseconds(parent.created)
        return {
            "TableName": self.records.table,
            "Item": encoded(
                {
                    **_key(child),
                    "task": child.ref.task,
                    "name": child.name,
                    "state": child.state,
                    "round": child.round,
                    "created": created,
                    "expires": round((child.needed_until + retention + LONGER).timestamp()),
                }
            ),
            **expression(
                condition="attribute_not_exists(#PK) OR #created <> :created",
                values={"created": created},
            ),
        }


def _key(child: Task) -> dict[str, str]:
    parent = child.parent_ref
    if parent is None or child.number is None:
        raise AssertionError("only a child has a row with its parent")
    return child_key(parent, child.number)


def _child(parent: Ref, row: dict[str, Any]) -> Child:
    error = None
    if "error_kind" in row:
        error = Failure(row["error_kind"], row["error_message"])
    return Child(
        parent=parent,
        number=int(row["SK"].partition("#")[2]),
        ref=Ref(parent.tenant, row["task"]),
        name=row["name"],
        state=State(row["state"]),
        round=row["round"],
        error=error,
    )


def _unless_born(after: Task, reason: Reason) -> None:
    """Raise, unless what stands in the way is that these children are there already."""
    wanted, stands = to_item(after), decoded(reason.item or {})
    if stands and all(stands.get(name) == wanted.get(name) for name in (*FENCE, "children")):
        return
    is_cancelled = stands.get("state") == State.RUNNING and "cancel_requested" in stands
    raise (CancelRequested if is_cancelled else Fenced)(str(after.ref), after.attempt)


def refused(reasons: Sequence[Reason], what: str) -> Unavailable:
    """What a transaction was refused for, where the record itself was not in the way."""
    reason = next(each for each in reasons if each.code != "None")
    return Unavailable("dynamodb", "TransactWriteItems", reason.code, f"{what}: {reason.message}")
