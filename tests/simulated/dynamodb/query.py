"""Query: one partition of a table or of an index, in order, page after page."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.simulated.dynamodb.expressions import Expressions, expressions
from tests.simulated.dynamodb.index import Index
from tests.simulated.dynamodb.meter import Meter
from tests.simulated.dynamodb.schema import Key, Keys
from tests.simulated.dynamodb.syntax import And, Between, Call, Compare, Literal, Name, Test, parse
from tests.simulated.dynamodb.table import Table
from tests.simulated.dynamodb.values import Item, item_size
from tests.simulated.refusals import Refusal, invalid, only

KNOWN = frozenset(
    {
        "TableName",
        "IndexName",
        "ConsistentRead",
        "KeyConditionExpression",
        "FilterExpression",
        "ProjectionExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
        "Limit",
        "ScanIndexForward",
        "ExclusiveStartKey",
        "Select",
    }
)
PAGE = 1024 * 1024
# Above every sort key: no text is longer than this character is high.
TOP = chr(0x10FFFF)
NOT_SUPPORTED = "Query key condition not supported"


@dataclass(frozen=True, slots=True)
class Span:
    """Which sort keys of a partition are asked for."""

    partition: str
    low: str = ""
    high: str = TOP
    has_low: bool = True
    has_high: bool = True

    def cut(self, sorts: list[str]) -> tuple[int, int]:
        """Where the span begins and ends in a sorted list."""
        begin = (bisect_left if self.has_low else bisect_right)(sorts, self.low)
        end = (bisect_right if self.has_high else bisect_left)(sorts, self.high)
        return begin, end


def query(table: Table, meter: Meter, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a Query."""
    only(parameters, "Query", KNOWN)
    bound = expressions(parameters)
    index = None
    if "IndexName" in parameters:
        table.schema.index(parameters["IndexName"])
        index = table.indexes[parameters["IndexName"]]
    is_consistent = parameters.get("ConsistentRead", False)
    if index is not None and is_consistent:
        raise invalid("Consistent reads are not supported on global secondary indexes")
    keys = table.schema.keys if index is None else index.schema.keys
    _check_filter(bound, keys)
    span = _span(parameters, keys, bound)
    rows = _rows(table, index, span, parameters)
    return _page(rows, table, index, meter, bound, parameters)


def _rows(
    table: Table, index: Index | None, span: Span, parameters: Mapping[str, Any]
) -> list[tuple[Key, Item | None]]:
    """Every key of the span with its item, in the order that is asked for, after the start key."""
    forward = parameters.get("ScanIndexForward", True)
    after = parameters.get("ExclusiveStartKey")
    if index is None:
        sorts = table.partitions.get(span.partition, [])
        begin, end = span.cut(sorts)
        if after is not None:
            begin, end = _after(sorts, table.schema.key(after)[1], begin, end, forward=forward)
        found: list[Key] = [(span.partition, sort) for sort in sorts[begin:end]]
    else:
        places = index.partitions.get(span.partition, [])
        begin, end = span.cut([place[0] for place in places])
        if after is not None:
            place = (index.schema.keys.of(after)[1], *table.schema.keys.of(after))
            begin, end = _after(places, place, begin, end, forward=forward)
        found = [(hash_, sort) for _, hash_, sort in places[begin:end]]
    keys = found if forward else found[::-1]
    if index is not None:
        return [(key, index.entries[key]) for key in keys]
    is_consistent = parameters.get("ConsistentRead", False)
    versions = ((key, table.read(key, consistent=is_consistent)) for key in keys)
    return [(key, version.item if version else None) for key, version in versions]


def _after[T: (str, tuple[str, str, str])](
    places: list[T], start: T, begin: int, end: int, *, forward: bool
) -> tuple[int, int]:
    if forward:
        return max(begin, bisect_right(places, start)), end
    return begin, min(end, bisect_left(places, start))


def _page(
    rows: list[tuple[Key, Item | None]],
    table: Table,
    index: Index | None,
    meter: Meter,
    bound: Expressions,
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    limit = parameters.get("Limit", len(rows) + 1)
    items: list[Item] = []
    scanned = size = 0
    last: Item | None = None
    for _, item in rows:
        if item is None:
            continue
        last, scanned = item, scanned + 1
        size += item_size(item)
        if bound.holds(item):
            items.append(bound.projected(item))
        if scanned == limit or size >= PAGE:
            break
    else:
        last = None
    meter.read(size, consistent=parameters.get("ConsistentRead", False))
    answer: dict[str, Any] = {"Count": len(items), "ScannedCount": scanned}
    if parameters.get("Select") != "COUNT":
        answer["Items"] = items
    if last is not None:
        names = table.schema.keys.names + (index.schema.keys.names if index else ())
        answer["LastEvaluatedKey"] = {name: last[name] for name in names}
    return answer


def _check_filter(bound: Expressions, keys: Keys) -> None:
    test = bound.compiled.test
    for placeholder in test.names if test else ():
        if bound.names[placeholder] in keys.names:
            raise invalid(
                "Filter Expression can only contain non-primary key attributes: Primary key"
                f" attribute: {bound.names[placeholder]}"
            )


def _span(parameters: Mapping[str, Any], keys: Keys, bound: Expressions) -> Span:
    text = parameters.get("KeyConditionExpression")
    if text is None:
        raise invalid(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the"
            " request."
        )
    conditions = dict(_conditions(parse("KeyConditionExpression", text), bound))
    hash_ = conditions.pop(keys.hash, None)
    if not (isinstance(hash_, Compare) and hash_.comparator == "="):
        raise invalid(f"Query condition missed key schema element: {keys.hash}")
    partition = _text(hash_.right, bound)
    if not conditions:
        return Span(partition)
    if keys.range is None or conditions.keys() != {keys.range}:
        raise invalid(NOT_SUPPORTED)
    return _sorted_span(partition, conditions[keys.range], bound)


def _sorted_span(partition: str, test: Test, bound: Expressions) -> Span:
    match test:
        case Compare("=", _, right):
            text = _text(right, bound)
            return Span(partition, text, text)
        case Compare("<" | "<=", _, right):
            return Span(partition, high=_text(right, bound), has_high=test.comparator == "<=")
        case Compare(">" | ">=", _, right):
            return Span(partition, _text(right, bound), has_low=test.comparator == ">=")
        case Between(_, low, high):
            span = Span(partition, _text(low, bound), _text(high, bound))
            if span.low > span.high:
                raise invalid(
                    "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to"
                    " be greater than or equal to lower bound"
                )
            return span
        case Call("begins_with", (_, prefix)):
            text = _text(prefix, bound)
            return Span(partition, text, text + TOP)
        case _:
            raise invalid(NOT_SUPPORTED)


def _conditions(test: Test, bound: Expressions) -> Iterator[tuple[str, Test]]:
    """Each condition of a key expression by the attribute that it is about."""
    seen: set[str] = set()
    for part in test.tests if isinstance(test, And) else (test,):
        match part:
            case Compare(_, Name(placeholder), Literal()):
                name = bound.names[placeholder]
            case Between(Name(placeholder), Literal(), Literal()):
                name = bound.names[placeholder]
            case Call("begins_with", (Name(placeholder), Literal())):
                name = bound.names[placeholder]
            case _:
                raise invalid(NOT_SUPPORTED)
        if name in seen:
            raise invalid("KeyConditionExpressions must only contain one condition per key")
        seen.add(name)
        yield name, part


def _text(operand: Any, bound: Expressions) -> str:
    value = bound.values[operand.placeholder]
    if "S" not in value:
        raise _mismatch()
    text: str = value["S"]
    return text


def _mismatch() -> Refusal:
    return invalid(
        "One or more parameter values were invalid: Condition parameter type does not match schema"
        " type"
    )
