"""The rows of a slice as counts of values by column: each distinct value is looked at once."""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from tasks.analytics.slices import MOST_COLUMNS
from windrow.errors import InvalidItems

# A number as JSON writes it. What begins with a zero, as 00412 does, is a code and no number.
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,99})(\.[0-9]{1,100})?([eE][+-]?[0-9]{1,3})?")


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
    """The rows of CSV; a cell without anything in it is null. Of another width a row is invalid."""
    text = StringIO(body.decode("utf-8", "replace"), newline="")
    rows = [row for row in csv.reader(text) if row]
    whole = [row for row in rows if len(row) == len(columns)]
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
        row = json.loads(line, parse_int=Number, parse_float=Number, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _typed(value: str) -> str:
    return Number(value) if NUMBER.fullmatch(value) else value


def _plain(value: Any) -> str:
    """A value as its text; a Number stays one. Lists and objects are their JSON."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return Number(json.dumps(value))
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
