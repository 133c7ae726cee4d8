"""Aliases: keys whose submission met another's task, the one that holds its unique key.

No task lies under the id that such a key derives, so an item of its own says which one answered. It
counts for as long as that task's record is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.model.payload import fingerprint_of, is_same_request
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.store.keys import alias_key, milliseconds
from windrow.store.records import Records

# An alias must outlive the record that it points at, which is over by its deadline or soon after.
LONGER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Alias:
    """The task that a key met, and what had come with the key.

    created     of that task, for its id may be derived from a key, too, and live twice
    said, kept  fingerprints of the request as it was sent, and of the params as they would have
                been stored
    """

    task: str
    created: int
    name: str
    said: str | None
    kept: str

    def is_for(self, task: Task) -> bool:
        """Does this submission say what came with the key before?"""
        has_same_params = self.kept == fingerprint_of(task)
        return self.name == task.name and is_same_request(
            self.said, task.said, has_same_params=has_same_params
        )


@dataclass(frozen=True, slots=True)
class Begun:
    """The task that answers a submission, and the alias by which its key led there."""

    task: Task
    alias: Alias | None = None


@dataclass(frozen=True, slots=True)
class Aliases:
    """The aliases of the table; reads are strongly consistent, writes are parts of transactions."""

    records: Records

    def read(self, ref: Ref) -> Alias | None:
        """What a key met, by the id that it derives."""
        place = {**self._at(ref), "ConsistentRead": True}
        answer = self.records.aws.call("dynamodb", "GetItem", place)
        if "Item" not in answer:
            return None
        return alias_of(answer["Item"])

    def met(self, task: Task, alias: Alias | None) -> Begun | None:
        """The task that an alias leads to; None when its record is gone."""
        if alias is None:
            return None
        found = self.records.task(Ref(task.ref.tenant, alias.task))
        if found is None or found.has_expired(task.created):
            return None
        return Begun(found, alias) if milliseconds(found.created) == alias.created else None

    def put(
        self, task: Task, holder: Task, retention: timedelta, stale: Alias | None
    ) -> dict[str, Any]:
        """The part that lets a task's key lead to the holder of its unique key."""
        expires = holder.deadline + retention + LONGER
        return {
            "TableName": self.records.table,
            "Item": encoded(
                {
                    **alias_key(task.ref),
                    "task": holder.ref.task,
                    "created": milliseconds(holder.created),
                    "name": task.name,
                    "said": task.said,
                    "kept": fingerprint_of(task),
                    "expires": round(expires.timestamp()),
                }
            ),
            **_still(stale),
        }

    def check(self, ref: Ref, stale: Alias | None) -> dict[str, Any]:
        """The part that holds a key to what was seen: it leads nowhere, or to a record gone."""
        return {**self._at(ref), **_still(stale)}

    def _at(self, ref: Ref) -> dict[str, Any]:
        return {"TableName": self.records.table, "Key": encoded(alias_key(ref))}


def alias_of(item: Mapping[str, Any]) -> Alias:
    """The alias that an item holds as DynamoDB has it."""
    plain = decoded(item)
    return Alias(plain["task"], plain["created"], plain["name"], plain.get("said"), plain["kept"])


def _still(stale: Alias | None) -> dict[str, Any]:
    if stale is None:
        return expression(condition="attribute_not_exists(#PK)")
    return expression(
        # TTL may delete it meanwhile.
        condition="attribute_not_exists(#PK) OR (#task = :task AND #created = :created)",
        values={"task": stale.task, "created": stale.created},
    )
