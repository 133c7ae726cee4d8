"""Update expressions, compiled once a text into the steps that make an item's next version.

    SET #a = operand | operand + operand | operand - operand, ...
    REMOVE #a, ...    ADD #a :number-or-set, ...    DELETE #a :set, ...
    operand := #name | :value | if_not_exists(#name, operand) | list_append(operand, operand)

Every right side is read from the item as it was. Paths into maps and lists raise Unsupported.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from tests.simulated.dynamodb.conditions import SETS, Names, Values
from tests.simulated.dynamodb.syntax import Tokens
from tests.simulated.dynamodb.values import NAMES_OF_TYPES, Item, Value, added, kind_of
from tests.simulated.refusals import invalid

type Compute = Callable[[Item, Names, Values], Value | None]

KIND = "UpdateExpression"
CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
NOT_THERE = "The provided expression refers to an attribute that does not exist in the item"
WRONG_TYPE = "An operand in the update expression has an incorrect data type"


@dataclass(slots=True)
class Update:
    """A compiled update: what each named attribute becomes; None removes it."""

    steps: dict[str, Compute] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    # Given values that ADD and DELETE take only in certain types.
    must_be: list[tuple[str, frozenset[str], str]] = field(default_factory=list)
    has_assignments: bool = False

    def validate(self, names: Names, values: Values) -> None:
        """Refuse what is wrong whatever the item: types, and attributes that are named twice."""
        for placeholder, kinds, operator in self.must_be:
            kind = kind_of(values[placeholder])
            if kind not in kinds:
                raise invalid(
                    f"Invalid {KIND}: Incorrect operand type for operator or function;"
                    f" operator: {operator}, operand type: {NAMES_OF_TYPES[kind]}"
                )
        targets = [names[placeholder] for placeholder in self.steps]
        if len(set(targets)) != len(targets):
            raise _overlap(next(name for name in targets if targets.count(name) > 1))

    def apply(self, item: Item, names: Names, values: Values) -> Item:
        """The next version of an item; `item` itself is left alone."""
        after = dict(item)
        for placeholder, compute in self.steps.items():
            value = compute(item, names, values)
            if value is None:
                after.pop(names[placeholder], None)
            else:
                after[names[placeholder]] = value
        return after


@cache
def update(text: str) -> Update:
    """The compiled update of a text."""
    tokens, compiled = Tokens(KIND, text), Update()
    seen: set[str] = set()
    while tokens.peek():
        clause = tokens.take().upper()
        if clause not in CLAUSES:
            raise invalid(f'Invalid {KIND}: Syntax error; token: "{clause}", near: "{text}"')
        if clause in seen:
            raise invalid(
                f'Invalid {KIND}: The "{clause}" section can only be used once in an update'
                " expression;"
            )
        seen.add(clause)
        _clause(clause, tokens, compiled)
    compiled.has_assignments = bool(seen & {"SET", "ADD"})
    return compiled


def _clause(clause: str, tokens: Tokens, compiled: Update) -> None:
    while True:
        target = tokens.name().placeholder
        if target in compiled.steps:
            raise _overlap(target)
        compiled.names.add(target)
        match clause:
            case "SET":
                tokens.expect("=")
                compiled.steps[target] = _assigned(tokens, compiled)
            case "REMOVE":
                compiled.steps[target] = _nothing
            case "ADD" | "DELETE":
                compiled.steps[target] = _changed(clause, target, tokens, compiled)
        if not tokens.has(","):
            return


def _nothing(item: Item, names: Names, values: Values) -> Value | None:
    return None


def _assigned(tokens: Tokens, compiled: Update) -> Compute:
    left = _operand(tokens, compiled)
    sign = {"+": 1, "-": -1}.get(tokens.peek())
    if sign is None:
        return left
    tokens.take()
    right = _operand(tokens, compiled)

    def total(item: Item, names: Names, values: Values) -> Value | None:
        one, other = left(item, names, values), right(item, names, values)
        if one is None or other is None or "N" not in one or "N" not in other:
            raise invalid(WRONG_TYPE)
        return added(one, other, sign)

    return total


def _operand(tokens: Tokens, compiled: Update) -> Compute:
    if tokens.peek(1) == "(":
        return _function(tokens, compiled)
    if tokens.peek()[:1] == ":":
        value = tokens.take()
        compiled.values.add(value)
        return lambda item, n, v: v[value]
    name = tokens.name().placeholder
    compiled.names.add(name)

    def read(item: Item, names: Names, values: Values) -> Value | None:
        if names[name] not in item:
            raise invalid(NOT_THERE)
        return item[names[name]]

    return read


def _function(tokens: Tokens, compiled: Update) -> Compute:
    function = tokens.take()
    tokens.expect("(")
    if function == "if_not_exists":
        name = tokens.name().placeholder
        compiled.names.add(name)
        tokens.expect(",")
        other = _operand(tokens, compiled)
        tokens.expect(")")
        return lambda item, n, v: item[n[name]] if n[name] in item else other(item, n, v)
    if function == "list_append":
        first = _operand(tokens, compiled)
        tokens.expect(",")
        second = _operand(tokens, compiled)
        tokens.expect(")")
        return lambda item, n, v: _appended(first(item, n, v), second(item, n, v))
    raise invalid(f"Invalid {KIND}: Invalid function name; function: {function}")


def _appended(first: Value | None, second: Value | None) -> Value:
    if first is None or second is None or "L" not in first or "L" not in second:
        raise invalid(WRONG_TYPE)
    return {"L": first["L"] + second["L"]}


def _changed(clause: str, target: str, tokens: Tokens, compiled: Update) -> Compute:
    value = tokens.literal().placeholder
    compiled.values.add(value)
    kinds = SETS | {"N"} if clause == "ADD" else SETS
    compiled.must_be.append((value, frozenset(kinds), clause))
    change = _add if clause == "ADD" else _delete
    return lambda item, n, v: change(item.get(n[target]), v[value])


def _add(old: Value | None, more: Value) -> Value:
    kind = kind_of(more)
    if old is None:
        return more
    if kind not in old:
        raise invalid(WRONG_TYPE)
    if kind == "N":
        return added(old, more)
    return {kind: sorted({*old[kind], *more[kind]})}


def _delete(old: Value | None, less: Value) -> Value | None:
    if old is None:
        return None
    kind = kind_of(less)
    if kind not in old:
        raise invalid(WRONG_TYPE)
    left = [member for member in old[kind] if member not in less[kind]]
    # A set without members does not exist.
    return {kind: left} if left else None


def _overlap(path: str) -> Exception:
    return invalid(
        f"Invalid {KIND}: Two document paths overlap with each other; must remove or rewrite one"
        f" of these paths; path one: [{path}], path two: [{path}]"
    )
