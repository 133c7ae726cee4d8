"""One parser for every JSON body: what two readers could take for two things is refused.

UTF-8 without half characters, no NaN or Infinity, no name twice, no number beyond what all readers
hold, and no more than 32 levels. Python's own parser is laxer, and each of these has made somebody
answer 500 or store what nobody could read back.
"""

import json
from dataclasses import dataclass
from math import isfinite
from typing import Any

from windrow.model.problem import Wrong

LARGEST = 256 * 1024
DEEPEST = 32
LARGEST_NUMBER = 2**63
# The digits of 2**63: a longer one is no number worth computing.
DIGITS = 19


class Malformed(Exception):
    """A body that is no JSON that everybody reads alike; `wrong` names where, and what is meant."""

    def __init__(self, field: str, expected: str) -> None:
        self.wrong = Wrong(field, expected)
        super().__init__(f"{field}: expected {expected}")


@dataclass(frozen=True, slots=True)
class Refused:
    """What stands for a value that is refused, until its place in the body is known."""

    expected: str
    name: str | None = None


NUMBER = Refused("a number between -2^63 and 2^63")
FINITE = Refused("a finite number")


def parsed(raw: bytes) -> Any:
    """The value of a body. Raises Malformed."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("body", "text in UTF-8") from None
    try:
        value = json.loads(
            text,
            parse_constant=lambda _name: FINITE,
            parse_int=_integer,
            parse_float=_float,
            object_pairs_hook=_object,
        )
    except RecursionError:
        raise Malformed("body", f"at most {DEEPEST} levels") from None
    except ValueError as error:
        raise Malformed("body", f"valid JSON: {error}") from None
    _check(value)
    return value


def _integer(digits: str) -> int | Refused:
    if len(digits.removeprefix("-")) > DIGITS or abs(int(digits)) > LARGEST_NUMBER:
        return NUMBER
    return int(digits)


def _float(text: str) -> float | Refused:
    number = float(text)
    return number if isfinite(number) else FINITE


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Refused:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return Refused("given only once", name)
        seen.add(name)
    raise AssertionError("a shorter dict has lost a name")


def _check(body: Any) -> None:
    """Find what is refused, without recursion: the depth is the caller's to choose."""
    waiting: list[tuple[Any, tuple[str, ...]]] = [(body, ())]
    while waiting:
        value, path = waiting.pop()
        match value:
            case Refused(expected, name):
                raise Malformed(_shown((*path, name) if name else path), expected)
            case str():
                _check_text(value, path)
            case dict() | list():
                if len(path) >= DEEPEST:
                    raise Malformed(_shown(path[:1]), f"at most {DEEPEST} levels")
                if isinstance(value, list):
                    waiting += [(each, (*path, str(at))) for at, each in enumerate(value)]
                    continue
                for name, each in value.items():
                    _check_text(name, path)
                    waiting.append((each, (*path, name)))


def _check_text(text: str, path: tuple[str, ...]) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Malformed(_shown(path), "text without halves of characters (\\ud800)") from None


def _shown(path: tuple[str, ...]) -> str:
    """A path as it can be sent back, whatever its names are."""
    return ".".join(path).encode("utf-8", "replace").decode()[:200] or "body"
