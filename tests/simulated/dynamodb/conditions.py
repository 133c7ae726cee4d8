"""Conditions and filters, compiled once a text into functions that test an item."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from operator import ge, gt, le, lt
from typing import Any, assert_never

from tests.simulated.dynamodb.syntax import (
    And,
    Between,
    Call,
    Compare,
    In,
    Literal,
    Name,
    Not,
    Operand,
    Or,
    Size,
    Test,
    parse,
)
from tests.simulated.dynamodb.values import NAMES_OF_TYPES, TYPES, Item, Value, kind_of, ordered
from tests.simulated.refusals import invalid

type Names = Mapping[str, str]
type Values = Mapping[str, Value]
type Check = Callable[[Item, Names, Values], bool]
type Read = Callable[[Item, Names, Values], Value | None]

ORDERED = frozenset({"S", "N", "B"})
ORDERS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
SETS = frozenset({"SS", "NS", "BS"})


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition.

    `check(item, names, values)` says whether it holds; no item is an item without attributes.
    `must_be` maps placeholders of values to the types that their places allow.
    """

    kind: str
    check: Check
    names: frozenset[str]
    values: frozenset[str]
    must_be: tuple[tuple[str, frozenset[str], str], ...]

    def validate(self, values: Values) -> None:
        """Refuse values of types that cannot stand where they stand, whatever the item."""
        for placeholder, kinds, operator in self.must_be:
            kind = kind_of(values[placeholder])
            if kind not in kinds:
                raise invalid(
                    f"Invalid {self.kind}: Incorrect operand type for operator or function;"
                    f" operator or function: {operator}, operand type: {NAMES_OF_TYPES[kind]}"
                )


@cache
def condition(kind: str, text: str) -> Condition:
    """The compiled condition of a text; `kind` is the parameter that it came in."""
    tree = parse(kind, text)
    operands = list(_operands(tree))
    return Condition(
        kind,
        _compiled(tree),
        frozenset(operand.placeholder for operand in operands if isinstance(operand, Name)),
        frozenset(operand.placeholder for operand in operands if isinstance(operand, Literal)),
        tuple(_must_be(tree)),
    )


def _compiled(test: Test) -> Check:
    match test:
        case And(tests):
            return _all(tuple(map(_compiled, tests)))
        case Or(tests):
            checks = tuple(map(_compiled, tests))
            return lambda item, n, v: any(check(item, n, v) for check in checks)
        case Not(inner):
            check = _compiled(inner)
            return lambda item, n, v: not check(item, n, v)
        case Compare("=" | "<>", Name(name), Literal(value)):
            is_same = test.comparator == "="
            # A missing attribute equals nothing, and differs from everything.
            return lambda item, n, v: (item.get(n[name]) == v[value]) is is_same
        case Compare("=" | "<>"):
            return _equal(test.comparator == "=", _read(test.left), _read(test.right))
        case Compare():
            return _ordered(test.comparator, _read(test.left), _read(test.right))
        case Between(tested, low, high):
            above, below = _ordered(">=", _read(tested), _read(low)), _read(high)
            under = _ordered("<=", _read(tested), below)
            return lambda item, n, v: above(item, n, v) and under(item, n, v)
        case In(tested, options):
            equal = tuple(_equal(True, _read(tested), _read(option)) for option in options)
            return lambda item, n, v: any(check(item, n, v) for check in equal)
        case Call("attribute_exists", (Name(name),)):
            return lambda item, n, v: n[name] in item
        case Call("attribute_not_exists", (Name(name),)):
            return lambda item, n, v: n[name] not in item
        case Call():
            return _function(test)
        case _:
            assert_never(test)


def _all(checks: tuple[Check, ...]) -> Check:
    def check_all(item: Item, names: Names, values: Values) -> bool:
        for check in checks:  # noqa: SIM110 - the hottest loop of the simulation
            if not check(item, names, values):
                return False
        return True

    return check_all


def _read(operand: Operand) -> Read:
    match operand:
        case Name(name):
            return lambda item, n, v: item.get(n[name])
        case Literal(value):
            return lambda item, n, v: v[value]
        case Size(Name(name)):
            return lambda item, n, v: _size(item.get(n[name]))
        case _:
            assert_never(operand)


def _equal(is_same: bool, left: Read, right: Read) -> Check:
    def equal(item: Item, names: Names, values: Values) -> bool:
        one, other = left(item, names, values), right(item, names, values)
        return (one is not None and one == other) is is_same

    return equal


def _ordered(comparator: str, left: Read, right: Read) -> Check:
    holds = ORDERS[comparator]

    def in_order(item: Item, names: Names, values: Values) -> bool:
        one, other = left(item, names, values), right(item, names, values)
        if one is None or other is None:
            return False
        kind = kind_of(one)
        return kind in ORDERED and kind == kind_of(other) and holds(ordered(one), ordered(other))

    return in_order


def _function(call: Call) -> Check:
    tested, argument = (_read(operand) for operand in call.arguments)
    holds = {"attribute_type": _is_of, "begins_with": _begins, "contains": _contains}[call.function]

    def check(item: Item, names: Names, values: Values) -> bool:
        one, other = tested(item, names, values), argument(item, names, values)
        return one is not None and other is not None and holds(one, other)

    return check


def _is_of(value: Value, kind: Value) -> bool:
    if kind["S"] not in TYPES:
        raise invalid(
            "Invalid ConditionExpression: Invalid attribute type name found; type: " + kind["S"]
        )
    return bool(kind_of(value) == kind["S"])


def _begins(value: Value, prefix: Value) -> bool:
    kind = kind_of(value)
    return kind in ("S", "B") and kind in prefix and value[kind].startswith(prefix[kind])


def _contains(value: Value, part: Value) -> bool:
    kind, wanted = kind_of(value), kind_of(part)
    if kind in SETS:
        return kind[0] == wanted and part[wanted] in value[kind]
    if kind == "L":
        return part in value["L"]
    return kind in ("S", "B") and kind == wanted and part[kind] in value[kind]


def _size(value: Value | None) -> Value | None:
    """What size() is of a text (bytes), a binary, or a collection; other types have none."""
    if value is None:
        return None
    kind = kind_of(value)
    if kind == "S":
        return {"N": str(len(value["S"].encode()))}
    return {"N": str(len(value[kind]))} if kind in SETS | {"B", "L", "M"} else None


def _operands(test: Test) -> Iterator[Operand]:
    match test:
        case And(tests) | Or(tests):
            for part in tests:
                yield from _operands(part)
            return
        case Not(inner):
            yield from _operands(inner)
            return
        case Compare(_, left, right):
            operands: tuple[Operand, ...] = (left, right)
        case Between(tested, low, high):
            operands = (tested, low, high)
        case In(tested, options):
            operands = (tested, *options)
        case Call(_, arguments):
            operands = arguments
        case _:
            assert_never(test)
    for operand in operands:
        yield operand.of if isinstance(operand, Size) else operand


def _must_be(test: Test) -> Iterator[tuple[str, frozenset[str], str]]:
    """Each given value whose place allows certain types only."""
    match test:
        case And(tests) | Or(tests):
            for part in tests:
                yield from _must_be(part)
        case Not(inner):
            yield from _must_be(inner)
        case Compare(comparator, left, right) if comparator in ORDERS:
            yield from ((each.placeholder, ORDERED, comparator) for each in _literals(left, right))
        case Between(tested, low, high):
            yield from (
                (each.placeholder, ORDERED, "BETWEEN") for each in _literals(tested, low, high)
            )
        case Call("begins_with", arguments):
            yield from (
                (each.placeholder, frozenset("SB"), "begins_with") for each in _literals(*arguments)
            )
        case Call("attribute_type", arguments):
            yield from (
                (each.placeholder, frozenset("S"), "attribute_type")
                for each in _literals(*arguments)
            )
        case _:
            return


def _literals(*operands: Operand) -> list[Literal]:
    return [operand for operand in operands if isinstance(operand, Literal)]
