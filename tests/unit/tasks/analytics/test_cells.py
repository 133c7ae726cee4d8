"""No cell, whatever stands in it, keeps the figures of all others from being made."""

import json
from typing import Any

import pytest

from tasks.analytics import rows
from tasks.analytics.column import Column
from tasks.analytics.rows import Read


def shown(read: Read, name: str) -> dict[str, Any]:
    """What a reader is told of a column, as it comes back from where slices are stored."""
    column = Column()
    column.add(read.columns[name])
    stored = json.loads(json.dumps(column.to_json(), allow_nan=False).encode())
    told = Column.from_json(stored).shown(name, read.rows, 10)
    json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
    return told


@pytest.mark.parametrize("cell", ["4e853", "-1e400", "1e3000", "1" * 400, "0." + "1" * 3_000])
def test_what_no_double_can_hold_is_a_text_in_csv_and_in_json_lines(cell: str) -> None:
    csv = rows.of_csv(f"1\n{cell}\n".encode(), ("a",))
    lines = rows.of_json_lines("key", f'{{"a":1}}\n{{"a":{cell}}}\n'.encode())

    for read in (csv, lines):
        told = shown(read, "a")
        assert (told["type"], told["count"]) == ("mixed", 2)
        assert (told["min"], told["max"], told["sum_exact"]) == (1, 1, "1")


def test_infinity_and_what_is_no_number_are_texts() -> None:
    lines = rows.of_json_lines("key", b'{"a":NaN}\n{"a":-Infinity}\n')
    params = rows.of_objects("rows", [{"a": float("nan")}, {"a": float("-inf")}])

    assert shown(lines, "a")["max"] == "NaN"
    assert shown(params, "a") == shown(lines, "a")


def test_a_sum_beyond_doubles_is_there_exactly_and_as_a_number_null() -> None:
    read = rows.of_csv(b"1e308\n1.1e308\n", ("a",))

    told = shown(read, "a")

    assert told["sum"] is None
    assert told["sum_exact"] == "21" + "0" * 307
    assert told["mean"] == 1.05e308


def test_a_cell_may_be_as_long_as_a_slice() -> None:
    read = rows.of_csv(b"x," + b"y" * 1_000_000 + b"\n", ("a", "b"))

    assert shown(read, "b")["max"] == "y" * 100


def test_a_row_with_a_text_that_is_no_utf_8_is_invalid_and_alone() -> None:
    csv = rows.of_csv(b"one,two\n\xff,three\n", ("a", "b"))
    lines = rows.of_json_lines(
        "key", b'{"a":"\\ud83d\\ude00"}\n{"a":"\\uD800"}\n{"\\udc00":1}\n{"a":"\xff"}\n'
    )

    assert (csv.rows, csv.invalid, shown(csv, "b")["max"]) == (1, 1, "two")
    assert (lines.rows, lines.invalid, shown(lines, "a")["max"]) == (1, 3, "😀")
