"""PutItem, UpdateItem, DeleteItem and ConditionCheck, alone or as parts of a transaction.

A write is prepared from its parameters, which may be refused whatever the item, and then decided on
an item as it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tests.simulated.dynamodb.expressions import Expressions, expressions
from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.table import Change, Table, Version, next_version, version
from tests.simulated.dynamodb.values import LARGEST_ITEM, canonical_item
from tests.simulated.refusals import Refusal, Unsupported, invalid, only

type Action = Literal["Put", "Update", "Delete", "ConditionCheck"]

EXPRESSIONS = frozenset(
    {"ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"}
)
COMMON = EXPRESSIONS | {"TableName", "ReturnValuesOnConditionCheckFailure", "ReturnValues"}
KNOWN: dict[str, frozenset[str]] = {
    "Put": COMMON | {"Item"},
    "Update": COMMON | {"Key", "UpdateExpression"},
    "Delete": COMMON | {"Key"},
    "ConditionCheck": COMMON | {"Key"},
}
RETURNS = {
    "Put": ("NONE", "ALL_OLD"),
    "Delete": ("NONE", "ALL_OLD"),
    "Update": ("NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"),
}
TOO_LARGE = {
    "Put": "Item size has exceeded the maximum allowed size",
    "Update": "Item size to update has exceeded the maximum allowed size",
}


@dataclass(frozen=True, slots=True)
class Write:
    """A write that may happen, if the item stands as its condition wants."""

    action: Action
    table: Table
    key: Key
    parameters: Mapping[str, Any]
    expressions: Expressions
    item: Version | None = None

    def decide(self, factor: int = 1) -> Change | None:
        """The change to make; None for a check. Raises a refusal when the condition fails."""
        before = self.table.rows.get(self.key)
        if not self.expressions.holds(before.item if before else None):
            raise self._failed(before)
        if self.action == "ConditionCheck":
            return None
        after = self._after(before)
        return Change(self.table.schema.name, self.key, before, after, factor)

    def answer(self, change: Change) -> dict[str, Any]:
        """What the call returns once the change is made, as its ReturnValues asks."""
        wanted = self.parameters.get("ReturnValues", "NONE")
        if wanted == "NONE":
            return {}
        image = change.before if wanted.endswith("OLD") else change.after
        if image is None:
            return {}
        item = dict(image.item)
        if wanted.startswith("UPDATED"):
            item = {name: item[name] for name in self.expressions.targets() if name in item}
        return {"Attributes": item} if item else {}

    def _after(self, before: Version | None) -> Version | None:
        match self.action:
            case "Delete":
                return None
            case "Put":
                return self.item
            case _:
                return self._updated(before)

    def _updated(self, before: Version | None) -> Version | None:
        compiled = self.expressions.compiled.update
        if before is None and compiled is not None and not compiled.has_assignments:
            # An update that only removes makes no item.
            return None
        schema = self.table.schema
        key = dict(zip(schema.keys.names, ({"S": part} for part in self.key), strict=False))
        item = self.expressions.updated(before.item if before else key)
        after = next_version(before or version(key), item, self.expressions.targets())
        if after.size > LARGEST_ITEM:
            raise invalid(TOO_LARGE["Update"])
        schema.check_indexed(after.item)
        return after

    def _failed(self, before: Version | None) -> Refusal:
        shown = self.parameters.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        details: dict[str, Any] = {"Item": dict(before.item)} if shown and before else {}
        return Refusal(
            "ConditionalCheckFailedException", "The conditional request failed", **details
        )


def prepare(action: Action, table: Table, parameters: Mapping[str, Any]) -> Write:
    """A write, checked as far as it can be without the item."""
    only(parameters, action, KNOWN[action])
    if parameters.get("ReturnValues", "NONE") not in RETURNS.get(action, ("NONE",)):
        raise invalid("Return values set to invalid value")
    bound = expressions(parameters)
    if action == "Put":
        item = canonical_item(parameters["Item"])
        key = table.schema.key_of_item(item)
        stored = version(item)
        if stored.size > LARGEST_ITEM:
            raise invalid(TOO_LARGE["Put"])
        table.schema.check_indexed(item)
        return Write(action, table, key, parameters, bound, stored)
    key = table.schema.key(parameters["Key"])
    if action == "ConditionCheck" and "ConditionExpression" not in parameters:
        raise Unsupported("botocore would not send a ConditionCheck without a condition.")
    for name in bound.targets():
        if name in table.schema.keys.names:
            raise invalid(
                "One or more parameter values were invalid: Cannot update attribute"
                f" {name}. This attribute is part of the key"
            )
    return Write(action, table, key, parameters, bound)
