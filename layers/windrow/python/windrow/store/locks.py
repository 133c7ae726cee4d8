"""Locks by unique key: each points at the task that holds it, which alone says whether it is held.

A lock is written in the transaction that stores its task and released in the one that ends it.
Released locks stay until their task's record expires, so that the last holder can be found.
"""

from dataclasses import dataclass
from typing import Any

from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.aws.port import AWS
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.store.keys import lock_key, milliseconds


@dataclass(frozen=True, slots=True)
class Locks:
    """The locks of the table; reads are strongly consistent, writes are parts of transactions."""

    aws: AWS
    table: str

    def holder(self, tenant: str, unique: str) -> Ref | None:
        """The task that holds this key, or held it last."""
        answer = self.aws.call(
            "dynamodb",
            "GetItem",
            {
                "TableName": self.table,
                "Key": encoded(lock_key(tenant, unique)),
                "ConsistentRead": True,
            },
        )
        if "Item" not in answer:
            return None
        return Ref(tenant, decoded(answer["Item"])["holder"])

    def take(self, task: Task, unique: str) -> dict[str, Any]:
        """The part that takes a lock which is free."""
        return self._hold(
            task, unique, "attribute_not_exists(#PK) OR attribute_exists(#released)", {}
        )

    def take_over(self, task: Task, unique: str, holder: Ref) -> dict[str, Any]:
        """The part that takes a lock from a task whose record is gone.

        For one that is over this would not do: it may have begun again since it was read. Its end
        has released the lock, so that `take` tells whether it has.
        """
        return self._hold(task, unique, "#holder = :old_holder", {"old_holder": holder.task})

    def release(self, task: Task, unique: str) -> dict[str, Any]:
        """The part that frees the lock of a task which has ended."""
        return {
            "TableName": self.table,
            "Key": encoded(lock_key(task.ref.tenant, unique)),
            **expression(
                update="SET #released = :released, #expires = :expires",
                condition="#holder = :holder",
                values={"holder": task.ref.task, **_when(task)},
            ),
        }

    def _hold(
        self, task: Task, unique: str, condition: str, values: dict[str, str]
    ) -> dict[str, Any]:
        return {
            "TableName": self.table,
            "Key": encoded(lock_key(task.ref.tenant, unique)),
            **expression(
                update="SET #holder = :holder REMOVE #released, #expires",
                condition=condition,
                values={"holder": task.ref.task, **values},
            ),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


def _when(task: Task) -> dict[str, int]:
    if task.ended is None or task.expires is None:
        raise ValueError(f"Task {task.ref} has not ended: its lock is not free.")
    return {"released": milliseconds(task.ended), "expires": round(task.expires.timestamp())}
