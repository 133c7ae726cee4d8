"""DynamoDB's own language: typed values, pages, and expressions written as text.

In a text `#name` is an attribute and `:name` a value.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from windrow.aws.port import AWS

type Scalar = str | int | Decimal | bool
type Values = Mapping[str, Scalar | None]
type Encoded = dict[str, Any]

NAME = re.compile(r"#(\w+)")


def encoded(values: Values) -> dict[str, Encoded]:
    """Plain values in DynamoDB's typed form; None is left out."""
    return {name: _encode(value) for name, value in values.items() if value is not None}


def decoded(item: Mapping[str, Encoded]) -> dict[str, Any]:
    """The plain values of an item; a number is an int, or a Decimal where it has a fraction."""
    return {name: _decode(value) for name, value in item.items()}


def expression(values: Values | None = None, **texts: str | None) -> dict[str, Any]:
    """The parameters of a call for its expressions: condition=..., update=..., key_condition=...

    The names in `texts` are found and declared; the names of attributes are never written bare,
    because 573 of them are reserved (`state` and `owner` among them).
    """
    given = {kind: text for kind, text in texts.items() if text}
    parameters: dict[str, Any] = {KINDS[kind]: text for kind, text in given.items()}
    if names := dict(pair for text in given.values() for pair in _names(text)):
        parameters["ExpressionAttributeNames"] = names
    if values:
        parameters["ExpressionAttributeValues"] = encoded(
            {f":{name}": value for name, value in values.items()}
        )
    return parameters


def pages(aws: AWS, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every item of a Query, page after page (a page holds 1 MB)."""
    start: dict[str, Any] = {}
    while True:
        answer = aws.call("dynamodb", "Query", {**query, **start})
        yield from (decoded(item) for item in answer.get("Items", []))
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


KINDS = {
    "condition": "ConditionExpression",
    "update": "UpdateExpression",
    "key_condition": "KeyConditionExpression",
    "projection": "ProjectionExpression",
    "filter": "FilterExpression",
}


@lru_cache(maxsize=1024)
def _names(text: str) -> tuple[tuple[str, str], ...]:
    """The names in a text, as they are declared: the same few texts come again and again."""
    return tuple((f"#{name}", name) for name in NAME.findall(text))


def _encode(value: Scalar) -> Encoded:
    match value:
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value)}
        case str():
            return {"S": value}


def _decode(value: Encoded) -> Scalar:
    ((kind, raw),) = value.items()
    match kind:
        case "S" | "BOOL":
            plain: Scalar = raw
            return plain
        case "N" if raw.isdecimal():
            return int(raw)
        case "N":
            number = Decimal(raw)
            return int(number) if number == number.to_integral_value() else number
        case _:
            raise ValueError(f"Windrow writes no attribute of DynamoDB's type {kind}.")
