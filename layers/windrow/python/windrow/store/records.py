"""Tasks, groups and chunks in the table: read one, and write the next version of it.

A write names the version it was decided on. It changes only the attributes that differ between the
two versions, and only while the record's fence (state, attempt, owner ...) is as it was read.
Whoever was overtaken is told so by `Fenced`, and nothing of theirs is stored. A request to cancel
is no part of the fence, so that a success that comes after it counts; but whoever would let the
record start again is told of it by `CancelRequested`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from windrow.aws.dynamodb import decoded, encoded, expression, pages
from windrow.aws.errors import ConditionFailed
from windrow.aws.port import AWS
from windrow.errors import CancelRequested, Fenced
from windrow.model.records import AnyRecord, Chunk, Group, Progress, Record, Task
from windrow.model.ref import Ref
from windrow.model.states import Phase, State
from windrow.store.fence import (
    attempts_fence,
    fence_of,
    free_for,
    holding,
    unfenced,
    yields_to_cancel,
)
from windrow.store.items import Attributes, from_item, to_item
from windrow.store.keys import chunk_partition, key
from windrow.store.ready import Order


@dataclass(frozen=True, slots=True)
class Records:
    """The table of records. Every call may be made twice; each says what the second one does."""

    aws: AWS
    table: str
    order: Order = field(default_factory=Order)

    def read(self, ref: Ref) -> AnyRecord | None:
        """Whichever record a ref means, as it stands: strongly consistent."""
        answer = self.aws.call(
            "dynamodb",
            "GetItem",
            {"TableName": self.table, "Key": encoded(key(ref)), "ConsistentRead": True},
        )
        return from_item(decoded(answer["Item"])) if "Item" in answer else None

    def task(self, ref: Ref) -> Task | None:
        """The task as it stands: strongly consistent."""
        return cast(Task | None, self.read(ref))

    def group(self, ref: Ref) -> Group | None:
        """The group as it stands: strongly consistent."""
        return cast(Group | None, self.read(ref))

    def chunks(self, group: Ref) -> list[Chunk]:
        """Every chunk of a group, strongly consistent: the facts of its progress."""
        return cast(list[Chunk], list(self._query(chunk_partition(group), "C#")))

    def groups(self, task: Ref) -> list[Group]:
        """Every group of a map, strongly consistent."""
        return cast(list[Group], list(self._query(key(task)["PK"], "G#")))

    def last_group(self, task: Ref) -> Group | None:
        """The last group of a map that is written, strongly consistent."""
        query = self._of(key(task)["PK"], "G#")
        answer = self.aws.call(
            "dynamodb", "Query", {**query, "ScanIndexForward": False, "Limit": 1}
        )
        found = [from_item(decoded(item)) for item in answer["Items"]]
        return cast(Group, found[0]) if found else None

    def create(self, record: AnyRecord) -> bool:
        """Store a new record; False when it is there already, and then it is left as it is."""
        try:
            self.aws.call("dynamodb", "PutItem", self.put(record))
        except ConditionFailed:
            return False
        return True

    def write[R: Task | Chunk | Group](self, before: R, after: R) -> R:
        """Store the next version of a record, and return it; a second time changes nothing.

        Raises Fenced when the record has moved on since `before` was read, CancelRequested when
        `after` may not be: it would start again, and somebody has asked to cancel it.
        """
        update = self.update(before, after)
        try:
            self.aws.call("dynamodb", "UpdateItem", update)
        except ConditionFailed as error:
            self.unless_written(after, error.item)
        return after

    def renew[R: Task | Chunk](self, before: R, after: R) -> R:
        """The same for an attempt's own writes while it runs; returns the record as it stands then,
        with what others wrote to it meanwhile, such as a request to cancel.
        """
        update = {**self.update(before, after), "ReturnValues": "ALL_NEW"}
        try:
            answer = self.aws.call("dynamodb", "UpdateItem", update)
        except ConditionFailed as error:
            raise Fenced(str(after.ref), after.attempt) from error
        return cast(R, from_item(decoded(answer["Attributes"])))

    def check(self, record: AnyRecord) -> dict[str, Any]:
        """The part of a transaction that holds a record's fence, and changes nothing."""
        condition, values = holding(self._item(record), fence_of(record, record))
        return {
            "TableName": self.table,
            "Key": encoded(key(record.ref)),
            **expression(condition=condition, values=values),
        }

    def advance(self, task: Task, progress: Progress) -> bool:
        """Let the progress of a map, or of a group, grow; False when it is that far, or over.

        It must be in the round that `task` is in: what was counted before another began is void.
        """
        condition, held = holding(to_item(task), ("round",))
        try:
            self.aws.call(
                "dynamodb",
                "UpdateItem",
                {
                    "TableName": self.table,
                    "Key": encoded(key(task.ref)),
                    **expression(
                        update="SET #ended_items = :ended, #succeeded = :succeeded,"
                        " #failed = :failed, #cancelled = :cancelled",
                        condition=f"{condition} AND #state = :running"
                        " AND #phase IN (:plan, :chunks, :children) AND"
                        " (attribute_not_exists(#ended_items) OR #ended_items < :ended)",
                        values={
                            "ended": progress.ended,
                            "succeeded": progress.succeeded,
                            "failed": progress.failed,
                            "cancelled": progress.cancelled,
                            "running": State.RUNNING,
                            "plan": Phase.PLAN,
                            "chunks": Phase.CHUNKS,
                            **held,
                            "children": Phase.CHILDREN,
                        },
                    ),
                },
            )
        except ConditionFailed:
            return False
        return True

    def put(self, record: AnyRecord, *, instead_of: Task | None = None) -> dict[str, Any]:
        """The parameters that store a new record: for a call, or in a transaction.

        With `instead_of` it takes the place of that expired task, which must be there as it was.
        """
        return {
            "TableName": self.table,
            "Item": encoded(self._item(record)),
            **free_for(instead_of),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def check_free(self, ref: Ref, *, instead_of: Task | None = None) -> dict[str, Any]:
        """The part of a transaction that asks what `put` asks, and stores nothing."""
        return {"TableName": self.table, "Key": encoded(key(ref)), **free_for(instead_of)}

    def update(self, before: AnyRecord, after: AnyRecord) -> dict[str, Any]:
        """The parameters that turn one version into the next: for a call, or in a transaction."""
        old, new, fence = self._item(before), self._item(after), fence_of(before, after)
        changed = {name: value for name, value in new.items() if value != old[name]}
        changed |= {name: new[name] for name in unfenced(before, after)}
        assigned = {name: value for name, value in changed.items() if value is not None}
        removed = [name for name, value in changed.items() if value is None]
        condition, expected = holding(old, fence)
        if yields_to_cancel(before, after):
            condition += " AND attribute_not_exists(#cancel_requested)"
        clauses = []
        if assigned:
            clauses.append("SET " + ", ".join(f"#{name} = :{name}" for name in assigned))
        if removed:
            clauses.append("REMOVE " + ", ".join(f"#{name}" for name in removed))
        return {
            "TableName": self.table,
            "Key": encoded(key(before.ref)),
            **expression(
                update=" ".join(clauses), condition=condition, values={**assigned, **expected}
            ),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def unless_written(self, after: AnyRecord, item: Mapping[str, Any] | None) -> None:
        """Raise Fenced, unless the item that stands in a write's way is what it meant to write.

        That happens when the answer of the first try is lost: the SDK's second try then fails.
        """
        wanted = self._item(after)
        stands = decoded(item or {})
        # A chunk that an attempt ended may be of another round by the time that it is.
        is_chunks_end = isinstance(after, Chunk) and after.state.is_over
        fence = attempts_fence() if is_chunks_end else fence_of(after, after)
        if stands and all(stands.get(name) == wanted.get(name) for name in fence):
            return
        overtaken = Fenced
        if stands.get("state") == State.RUNNING and "cancel_requested" in stands:
            overtaken = CancelRequested
        raise overtaken(str(after.ref), after.attempt if isinstance(after, Record) else 0)

    def _item(self, record: AnyRecord) -> Attributes:
        return to_item(record) | self.order.place(record)

    def _query(self, partition: str, prefix: str) -> Iterator[AnyRecord]:
        for item in pages(self.aws, self._of(partition, prefix)):
            yield from_item(item)

    def _of(self, partition: str, prefix: str) -> dict[str, Any]:
        return {
            "TableName": self.table,
            "ConsistentRead": True,
            **expression(
                key_condition="#PK = :partition AND begins_with(#SK, :prefix)",
                values={"partition": partition, "prefix": prefix},
            ),
        }
