"""A report before it has a form: a title, a table, and a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tasks.reports.figures import figure, places

type Cell = str | int | float | bool | None
type Row = tuple[Cell, ...]

# Excel takes 32,767 characters a cell; one of a PDF must fit on a page.
LONGEST_CELL = 2_000
# What a reader can tell apart.
MOST_BARS = 12


class Kind(StrEnum):
    """How a chart shows its values: one bar a label, bars on each other, or lines."""

    BAR = "bar"
    STACK = "stack"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Series:
    """Values by label; None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One or more series over the same labels; `by` says what these are."""

    kind: Kind
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    by: str = ""

    @property
    def places(self) -> int:
        """The decimals that its values are shown with."""
        return places(value for each in self.series for value in each.values)

    @property
    def is_empty(self) -> bool:
        """Has it nothing to show?"""
        return not any(value for each in self.series for value in each.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report. `at` is when it was asked for, so that a second attempt writes the same."""

    title: str
    at: datetime
    columns: Sequence[str]
    rows: Sequence[Row]
    summary: str = ""
    chart: Chart | None = None

    @property
    def subtitle(self) -> str:
        """How much it is, and of when."""
        count = f"{len(self.rows):,} row{'' if len(self.rows) == 1 else 's'}"
        return f"{count} · {self.at.day} {self.at:%B %Y, %H:%M} UTC"


def chosen(
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    kind: Kind = Kind.BAR,
    label: str | None = None,
    values: Sequence[str] = (),
) -> Chart | None:
    """A chart of some columns; without names, of the first one of numbers by the first of texts.

    Bars are the largest, when there are too many of them; lines are in the order of the rows.
    None where no column has numbers.
    """
    numeric = [number for number, _ in enumerate(columns) if is_numeric(rows, number)]
    shown = [columns.index(name) for name in values] or numeric[:1]
    texts = [number for number, _ in enumerate(columns) if number not in numeric]
    by = columns.index(label) if label is not None else next(iter(texts), None)
    if by is None or not shown or not set(shown) <= set(numeric):
        return None
    found = [row for row in rows if row[shown[0]] is not None]
    names = ", ".join(columns[number] for number in shown)
    title = f"{names} by {columns[by]}"
    if kind is Kind.BAR and len(found) > MOST_BARS:
        found = sorted(found, key=lambda row: -_number(row[shown[0]]))[:MOST_BARS]
        title += f": the {MOST_BARS} largest"
    return Chart(
        kind,
        title,
        tuple(text(row[by]) for row in found),
        tuple(Series(columns[each], tuple(_value(row[each]) for row in found)) for each in shown),
        columns[by],
    )


def is_numeric(rows: Sequence[Row], column: int) -> bool:
    """Has a column numbers, and nothing else?"""
    found = [row[column] for row in rows if row[column] is not None]
    return bool(found) and all(
        isinstance(cell, int | float) and not isinstance(cell, bool) for cell in found
    )


def text(cell: Cell, decimals: int | None = None) -> str:
    """A cell as people read it: 1,234,567; 0.25; yes; nothing for None.

    A number of a column has the decimals of all of them; alone it has those that it needs.
    """
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case int() if not decimals:
            return f"{cell:,}"
        case int() | float():
            return figure(cell, places([cell]) if decimals is None else decimals)
        case str():
            return cell


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else 0.0


def _value(cell: Cell) -> float | None:
    return None if cell is None else _number(cell)
