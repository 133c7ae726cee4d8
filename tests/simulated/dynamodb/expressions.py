"""The expressions of one call with their placeholders, checked as DynamoDB checks them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.simulated.dynamodb.conditions import Condition, Names, Values, condition
from tests.simulated.dynamodb.syntax import Tokens
from tests.simulated.dynamodb.updates import Update, update
from tests.simulated.dynamodb.values import Item, canonical_item
from tests.simulated.refusals import invalid

CONDITIONS = ("ConditionExpression", "KeyConditionExpression", "FilterExpression")
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Compiled:
    """What is true of a call's texts, whatever its placeholders stand for."""

    conditions: tuple[Condition, ...]
    # The one that is tested on items: not the key condition of a Query.
    test: Condition | None
    update: Update | None
    projection: tuple[str, ...] | None
    names: frozenset[str]
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Expressions:
    """A call's expressions: whether its condition holds for an item, and what it makes of it."""

    compiled: Compiled
    names: Names
    values: Values

    def holds(self, item: Item | None) -> bool:
        """Does the condition, or the filter, hold?"""
        test = self.compiled.test
        return test is None or test.check(item or {}, self.names, self.values)

    def updated(self, item: Item) -> Item:
        """The item after the update expression."""
        if self.compiled.update is None:
            return item
        return self.compiled.update.apply(item, self.names, self.values)

    def targets(self) -> list[str]:
        """The attributes that the update writes."""
        steps = self.compiled.update.steps if self.compiled.update else {}
        return [self.names[placeholder] for placeholder in steps]

    def projected(self, item: Item) -> Item:
        """The attributes that were asked for."""
        if self.compiled.projection is None:
            return dict(item)
        wanted = [self.names[name] for name in self.compiled.projection]
        return {name: item[name] for name in wanted if name in item}


def expressions(parameters: Mapping[str, Any]) -> Expressions:
    """The expressions of a call. Raises a refusal for placeholders that are missing or unused."""
    compiled = _compiled(
        parameters.get("ConditionExpression"),
        parameters.get("KeyConditionExpression"),
        parameters.get("FilterExpression"),
        parameters.get("UpdateExpression"),
        parameters.get("ProjectionExpression"),
    )
    names = parameters.get("ExpressionAttributeNames", NOTHING)
    values = parameters.get("ExpressionAttributeValues", NOTHING)
    if names.keys() != compiled.names or values.keys() != compiled.values:
        _compare("name", "ExpressionAttributeNames", parameters, compiled.names, compiled)
        _compare("value", "ExpressionAttributeValues", parameters, compiled.values, compiled)
    for parameter, given in (("Names", names), ("Values", values)):
        if not given and given is not NOTHING:
            raise invalid(f"ExpressionAttribute{parameter} must not be empty")
    stored = canonical_item(values)
    for each in compiled.conditions:
        if each.must_be:
            each.validate(stored)
    if compiled.update is not None:
        compiled.update.validate(names, stored)
    return Expressions(compiled, names, stored)


@cache
def _compiled(
    condition_text: str | None,
    key_text: str | None,
    filter_text: str | None,
    update_text: str | None,
    projection_text: str | None,
) -> Compiled:
    texts = zip(CONDITIONS, (condition_text, key_text, filter_text), strict=True)
    conditions = tuple(condition(kind, text) for kind, text in texts if text is not None)
    updated = None if update_text is None else update(update_text)
    projection = None if projection_text is None else _projection(projection_text)
    names = frozenset().union(
        *(each.names for each in conditions), updated.names if updated else (), projection or ()
    )
    values = frozenset().union(
        *(each.values for each in conditions), updated.values if updated else ()
    )
    tests = [each for each in conditions if each.kind != "KeyConditionExpression"]
    return Compiled(conditions, tests[0] if tests else None, updated, projection, names, values)


def _projection(text: str) -> tuple[str, ...]:
    tokens = Tokens("ProjectionExpression", text)
    names = [tokens.name().placeholder]
    while tokens.has(","):
        names.append(tokens.name().placeholder)
    if tokens.peek():
        raise tokens.error()
    return tuple(names)


def _compare(
    what: str,
    parameter: str,
    parameters: Mapping[str, Any],
    used: frozenset[str],
    compiled: Compiled,
) -> None:
    given = frozenset(parameters.get(parameter, ()))
    if missing := sorted(used - given):
        kind = "UpdateExpression" if compiled.update else "ConditionExpression"
        raise invalid(
            f"Invalid {kind}: An expression attribute {what} used in expression is not defined;"
            f" attribute {what}: {missing[0]}"
        )
    if not compiled.conditions and not compiled.update and compiled.projection is None:
        raise invalid(f"{parameter} can only be specified when using expressions")
    if unused := sorted(given - used):
        raise invalid(
            f"Value provided in {parameter} unused in expressions: keys: {{{', '.join(unused)}}}"
        )
