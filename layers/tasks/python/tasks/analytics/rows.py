"""The rows of a slice as counts of values by column: each distinct value is looked at once."""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from math import isfinite
from typing import Any

from tasks.analytics.slices import MOST_COLUMNS
from windrow.errors import InvalidItems

# A number as JSON writes it. What begins with a zero, as 00412 does, is a code and no number; so is
# what no double can hold, as 4e853: figures are told as JSON, and such cells are mostly ids.
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,99})(\.[0-9]{1,100})?([eE][+-]?[0-9]{1,3})?")
# Half of a pair, in JSON: only a line that has this can hold a text which is no UTF-8.
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class Number(str):
    """A number as it was written."""

    __slots__ = ()


@dataclass(slots=True)
class Read:
    """Rows by column: how often each value is there; null is in none. And rows that are no rows."""

    rows: int = 0
    invalid: int = 0
    columns: dict[str, Counter[str]] = field(default_factory=dict)


def of_csv(body: bytes, columns: Sequence[str]) -> Read:
    """The rows of CSV; a cell without anything in it is null.

    Of another width, or not in UTF-8, a row is invalid.
    """
    text = body.decode("utf-8", "surrogateescape")
    is_clean = _is_utf8(text)
    rows = [row for row in csv.reader(StringIO(text, newline="")) if row]
    whole = [
        row for row in rows if len(row) == len(columns) and (is_clean or all(map(_is_utf8, row)))
    ]
    read = Read(len(whole), len(rows) - len(whole))
    for name, values in zip(columns, zip(*whole, strict=True), strict=False):
        found = Counter(values)
        del found[""]
        read.columns[name] = Counter({_typed(value): count for value, count in found.items()})
    return read


def of_json_lines(key: str, body: bytes) -> Read:
    """The rows of JSON Lines; a line that is no object is invalid. Raises InvalidItems."""
    return of_objects(key, (_object(line) for line in body.splitlines() if line.strip()))


def of_objects(key: str, rows: Iterable[Mapping[str, Any] | None]) -> Read:
    """The same of objects; None is invalid."""
    read = Read()
    values: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row is None:
            read.invalid += 1
            continue
        read.rows += 1
        for name, value in row.items():
            if value is not None:
                values[name].append(_plain(value))
    if len(values) > MOST_COLUMNS:
        raise InvalidItems(key, f"it has more than {MOST_COLUMNS} columns")
    read.columns = {name: Counter(found) for name, found in values.items()}
    return read


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line, parse_int=_typed, parse_float=_typed, parse_constant=str)
        if SURROGATE.search(line):
            json.dumps(row, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _typed(value: str) -> str:
    is_number = NUMBER.fullmatch(value) and isfinite(float(value))
    return Number(value) if is_number else value


def _plain(value: Any) -> str:
    """A value as its text; a Number stays one. Lists and objects are their JSON."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _typed(json.dumps(value))
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
