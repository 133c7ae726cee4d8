"""Is a document what its API promises? A status of 200 does not say so."""

import json
from decimal import Decimal
from typing import Any, NoReturn

WORDS: dict[type, str] = {
    bool: "a boolean",
    Decimal: "a number",
    dict: "an object",
    int: "a whole number",
    list: "a list",
    str: "a text",
    type(None): "missing or null",
}
LONGEST_TEXT = 200


class Misshapen(ValueError):
    """A document is not of the promised shape; says where."""


def decoded(body: bytes | str) -> object:
    """The document in `body`, its fractions as Decimal. Raises `Misshapen` if that is not JSON."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise Misshapen("the body should be JSON") from error


def _no_constant(name: str) -> NoReturn:
    """Python reads NaN and Infinity; JSON has neither."""
    raise ValueError(name)


def must[T](value: object, kind: type[T], what: str) -> T:
    """`value`, which has to be exactly a `kind`: true is no whole number here."""
    if type(value) is not kind:
        raise Misshapen(f"{what} should be {WORDS[kind]}, but is {WORDS[type(value)]}")
    return value


def member[T](document: dict[str, Any], key: str, kind: type[T]) -> T:
    """The member `key`, which has to be there."""
    return must(document.get(key), kind, key)


def text(document: dict[str, Any], key: str) -> str | None:
    """The member `key` as a text of sensible length; None if it is absent, null or empty."""
    value = document.get(key)
    if value is None:
        return None
    found = must(value, str, key).strip()
    if len(found) > LONGEST_TEXT:
        raise Misshapen(f"{key} should be at most {LONGEST_TEXT} characters long")
    if any("\ud800" <= character <= "\udfff" for character in found):
        raise Misshapen(f"{key} should be text, but has half a character in it")
    return found or None


def complaint(document: object) -> str | None:
    """What an error body says is wrong, in one line; None if it says nothing we know to read."""
    match document:
        case (
            {"errors": [{"message": str(said)}, *_]}
            | {"error-type": str(said)}
            | {"message": str(said)}
        ):
            return " ".join(said.split())
    return None
