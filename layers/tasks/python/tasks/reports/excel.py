"""A report as XLSX: an overview with the chart, and the table with typed cells.

Imported by a worker alone, and only when it writes.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from tasks.reports.document import Cell, Chart, Document, Kind, Row, text
from tasks.reports.figures import places
from tasks.reports.palette import FAINT, HAY, INK, SERIES, TRACK

OVERVIEW, DATA = "Overview", "Data"
KINDS = {
    Kind.BAR: {"type": "bar"},
    Kind.STACK: {"type": "column", "subtype": "stacked"},
    Kind.LINE: {"type": "line"},
}
# Where the values of the chart begin on the overview.
VALUES = 5
WIDEST = 60
MEASURED = 500
# Above this a spreadsheet, which calculates in doubles, would show another number.
LARGEST_EXACT = 2**53
DATE = re.compile(r"\d{4}-\d\d-\d\d")
# A spreadsheet's days begin with the year 1900; it knows no time zone, so a time with one is text.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def written(document: Document) -> bytes:
    """The workbook; the same bytes for the same document. In memory is a row at a time."""
    target = BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False},
    )
    at = document.at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": document.title, "author": "Windrow", "created": at})
    _overview(book, document)
    _data(book, document)
    book.close()
    return target.getvalue()


def _overview(book: Workbook, document: Document) -> None:
    sheet = book.add_worksheet(OVERVIEW)
    sheet.hide_gridlines(2)
    title = book.add_format({"bold": True, "font_size": 18, "font_color": INK})
    faint = book.add_format({"font_color": FAINT})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 28)
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, document.title, title)
    sheet.write_string(1, 0, document.subtitle, faint)
    if document.summary:
        sheet.merge_range(2, 0, 2, 10, "", wrapped)
        sheet.set_row(2, 15 * (1 + len(document.summary) // 110 + document.summary.count("\n")))
        sheet.write_string(2, 0, document.summary, wrapped)
    if document.chart is not None and not document.chart.is_empty:
        _chart(book, sheet, document.chart)


def _chart(book: Workbook, sheet: Worksheet, chart: Chart) -> None:
    """The chart beside the values that it is drawn from.

    Its titles are those of cells: a text that begins like a cell's address, with a sheet's name,
    would itself be taken for a formula.
    """
    header = book.add_format({"bold": True, "bg_color": TRACK})
    form = _form(chart.places)
    number = book.add_format({"num_format": form})
    sheet.write_string(VALUES - 2, 0, chart.title, book.add_format({"bold": True}))
    sheet.write_string(VALUES - 1, 0, chart.by, header)
    for column, series in enumerate(chart.series, 1):
        sheet.set_column(column, column, min(max(len(series.name) + 3, 10), WIDEST))
        sheet.write_string(VALUES - 1, column, series.name, header)
    for row, label in enumerate(chart.labels):
        sheet.write_string(VALUES + row, 0, label)
        for column, series in enumerate(chart.series, 1):
            if (value := series.values[row]) is not None:
                sheet.write_number(VALUES + row, column, _exact(value), number)
    last = VALUES + len(chart.labels) - 1
    drawn = book.add_chart(KINDS[chart.kind])
    for column, colour in zip(range(1, len(chart.series) + 1), SERIES, strict=False):
        drawn.add_series(
            {
                "name": [OVERVIEW, VALUES - 1, column],
                "categories": [OVERVIEW, VALUES, 0, last, 0],
                "values": [OVERVIEW, VALUES, column, last, column],
                "fill": {"color": colour},
                "line": {"color": colour},
                "gap": 60,
            }
        )
    drawn.set_title(
        {
            "name": [OVERVIEW, VALUES - 2, 0],
            # What is shown by readers that calculate nothing.
            "data": [chart.title],
            "name_font": {"size": 12, "color": INK},
        }
    )
    drawn.set_legend({"none": len(chart.series) == 1, "position": "bottom"})
    if chart.kind is Kind.BAR:
        # The first label on top, as it is read.
        drawn.set_y_axis({"reverse": True})
        drawn.set_x_axis({"num_format": form, "major_gridlines": {"visible": False}})
    drawn.set_size({"width": 720, "height": 380})
    sheet.insert_chart(VALUES - 1, len(chart.series) + 2, drawn)


def _data(book: Workbook, document: Document) -> None:
    sheet = book.add_worksheet(DATA)
    header = book.add_format(
        {"bold": True, "bg_color": TRACK, "bottom": 1, "bottom_color": HAY, "text_wrap": True}
    )
    formats = {
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    numbers = []
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(document.columns):
        form = _form(places(row[column] for row in document.rows))
        numbers.append(book.add_format({"num_format": form}))
        sheet.set_column(column, column, _width(document, column))
        sheet.write_string(0, column, name, header)
    for number, row in enumerate(document.rows, 1):
        _row(sheet, number, row, numbers, formats)
    if document.rows:
        sheet.autofilter(0, 0, len(document.rows), len(document.columns) - 1)


def _row(
    sheet: Worksheet, number: int, row: Row, numbers: list[Any], formats: dict[str, Any]
) -> None:
    for column, cell in enumerate(row):
        match cell:
            case None:
                continue
            case bool():
                sheet.write_boolean(number, column, cell)
            case int() if abs(cell) <= LARGEST_EXACT:
                sheet.write_number(number, column, cell, numbers[column])
            case int():
                sheet.write_string(number, column, str(cell))
            case float():
                sheet.write_number(number, column, _exact(cell), numbers[column])
            case str():
                _text(sheet, number, column, cell, formats)


def _form(decimals: int) -> str:
    """The format of a column: all of its numbers have the same decimals."""
    return f"#,##0.{'0' * decimals}" if decimals else "#,##0"


def _exact(value: float) -> Any:
    """What a float is written as: of a float XlsxWriter writes 16 digits, 93.40000000000001."""
    return Decimal(repr(value))


def _text(sheet: Worksheet, number: int, column: int, cell: str, formats: dict[str, Any]) -> None:
    """A date or a time as such, everything else as a text: nothing is ever a formula."""
    if (found := _instant(cell)) is None:
        sheet.write_string(number, column, cell)
    else:
        kind = "time" if isinstance(found, datetime) else "date"
        sheet.write_datetime(number, column, found, formats[kind])


def _instant(cell: str) -> date | datetime | None:
    try:
        if DATE.fullmatch(cell):
            found = date.fromisoformat(cell)
        elif TIME.fullmatch(cell):
            found = datetime.fromisoformat(cell)
        else:
            return None
    except ValueError:
        return None
    return found if found.year >= 1900 else None


def _width(document: Document, column: int) -> float:
    """About as wide as the longest of the first cells."""
    longest = max((len(_shown(row[column])) for row in document.rows[:MEASURED]), default=0)
    return float(min(max(longest, len(document.columns[column])) + 3, WIDEST))


def _shown(cell: Cell) -> str:
    return max(text(cell).splitlines(), key=len, default="")
