"""A table of what a caller sent: rows as lists or objects, or plain fields."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.reports.document import LONGEST_CELL, Cell, Row

FIELD, VALUE = "Field", "Value"


def of_rows(
    rows: Sequence[list[Any] | dict[str, Any]], columns: Sequence[str] | None
) -> tuple[list[str], list[Row]]:
    """Columns and rows; a cell that a row does not have is empty.

    Without `columns` they are the names of the objects, in the order in which they come, and the
    places of lists.
    """
    named = list(columns) if columns else _names(rows)
    width = len(named)
    return named, [
        tuple(row.get(name) for name in named)
        if isinstance(row, dict)
        else (*row, *([None] * (width - len(row))))
        for row in rows
    ]


def of_fields(fields: Mapping[str, Any]) -> tuple[list[str], list[Row]]:
    """Two columns: what it is called, and what it is; lists and objects as their JSON."""
    return [FIELD, VALUE], [(name, _plain(value)) for name, value in fields.items()]


def _names(rows: Sequence[list[Any] | dict[str, Any]]) -> list[str]:
    names: dict[str, None] = {}
    for row in rows:
        if isinstance(row, dict):
            names.update(dict.fromkeys(row))
    longest = max((len(row) for row in rows if isinstance(row, list)), default=0)
    places = (f"Column {number}" for number in range(len(names) + 1, longest + 1))
    return [*names, *places]


def _plain(value: Any) -> Cell:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"
