"""What a report may be asked for: rows of one's own, a source that Windrow knows, plain fields."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from tasks.reports import tables
from tasks.reports.document import LONGEST_CELL, is_numeric

MOST_ROWS = 50_000
MOST_COLUMNS = 50
MOST_FIELDS = 200
# A minute is what a worker has, and a reader of more pages than these wants another form.
MOST_PDF_ROWS = 5_000
MOST_PDF_COLUMNS = 12
# What a PDF and a chart can show of a number; a double, which a sheet keeps, holds more.
LARGEST = 10**30
# The hours that the figures of tasks are kept, but for the one that has begun.
MOST_HOURS = 743

type Given = (
    Annotated[StrictStr, Field(max_length=LONGEST_CELL)]
    | StrictBool
    | Annotated[StrictInt, Field(ge=-LARGEST, le=LARGEST)]
    | Annotated[StrictFloat, Field(allow_inf_nan=False)]
    | None
)
Name = Annotated[str, Field(min_length=1, max_length=100)]
FILE_NAME = re.compile(r"\w[\w .()-]{0,99}")


def _plain(name: str) -> str:
    if FILE_NAME.fullmatch(name) is None:
        raise ValueError(
            "must have 1 to 100 letters, digits, spaces and _ . ( ) -,"
            " and begin with a letter, a digit or _"
        )
    return name


class ChartParams(BaseModel):
    """Which columns a chart shows."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["bar", "line"] = "bar"
    label: Name
    values: Annotated[list[Name], Field(min_length=1, max_length=4)]


class ReportParams(BaseModel):
    """A report. Fields that are not known are its rows, where it has neither rows nor a source.

    title      above the table, and the file's name unless `file_name` says another
    summary    a paragraph below the title
    rows       lists, or objects; `columns` names and orders what they hold
    source     "tasks": what tasks of each type did in the last `hours`; "countries": their table,
               those of `region` and `currency` where these are given
    chart      "auto" draws the first column of numbers by the first one of texts; "none" nothing
    """

    model_config = ConfigDict(extra="allow")

    title: Annotated[str, Field(min_length=1, max_length=200)] = "Report"
    summary: Annotated[str, Field(max_length=5_000)] | None = None
    file_name: Annotated[str, AfterValidator(_plain)] | None = None
    columns: Annotated[list[Name], Field(min_length=1, max_length=MOST_COLUMNS)] | None = None
    rows: Annotated[list[list[Given] | dict[Name, Given]], Field(max_length=MOST_ROWS)] | None = (
        None
    )
    source: Literal["tasks", "countries"] | None = None
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] = 24
    region: Name | None = None
    currency: Name | None = None
    chart: Literal["auto", "none"] | ChartParams = "auto"

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """What was sent: so a reader of the task finds his own words, and no defaults."""
        return super().model_dump(**{**options, "exclude_unset": True})

    @property
    def fields(self) -> dict[str, Any]:
        """What else was sent."""
        return self.model_extra or {}

    @model_validator(mode="after")
    def _is_one_report(self) -> "ReportParams":
        if self.rows is not None and self.source is not None:
            raise ValueError("give rows or a source, not both")
        has_table = self.rows is not None or self.source is not None
        if self.fields and has_table:
            raise ValueError(f"unknown beside a table: {', '.join(sorted(self.fields))}")
        if len(self.fields) > MOST_FIELDS:
            raise ValueError(f"at most {MOST_FIELDS} fields make a report")
        if self.columns is not None and len(set(self.columns)) < len(self.columns):
            raise ValueError("columns must have different names")
        _check_width(self.rows or [], len(self.columns) if self.columns else MOST_COLUMNS)
        _check_columns(self.rows or [], self.columns or [])
        if isinstance(self.chart, ChartParams) and (self.rows or self.fields):
            self._check_chart(self.chart)
        return self

    def _check_chart(self, chart: ChartParams) -> None:
        """A chart of what is not there is refused now: the task could only fail later."""
        if self.rows is None:
            columns, rows = tables.of_fields(self.fields)
        else:
            columns, rows = tables.of_rows(self.rows, self.columns)
        there = f"; the columns are {', '.join(columns)}"
        if chart.label not in columns:
            raise _refused(("chart", "label"), f"there is no column {chart.label}{there}")
        for name in chart.values:
            if name not in columns:
                raise _refused(("chart", "values"), f"there is no column {name}{there}")
            if not is_numeric(rows, columns.index(name)):
                raise _refused(("chart", "values"), f"the column {name} has not only numbers")


class PdfParams(ReportParams):
    """The same, with what a page can show."""

    @model_validator(mode="after")
    def _fits_pages(self) -> "PdfParams":
        if len(self.rows or []) > MOST_PDF_ROWS:
            raise ValueError(f"a PDF shows at most {MOST_PDF_ROWS:,} rows; ask for XLSX or CSV")
        width = len(self.columns or []) or max((len(row) for row in self.rows or []), default=0)
        if width > MOST_PDF_COLUMNS:
            raise ValueError(f"a PDF shows at most {MOST_PDF_COLUMNS} columns; ask for XLSX or CSV")
        return self


def _check_width(rows: list[list[Given] | dict[str, Given]], most: int) -> None:
    for number, row in enumerate(rows, 1):
        if len(row) > most and isinstance(row, list):
            raise ValueError(f"row {number} has {len(row)} cells, and there are {most} columns")


def _check_columns(rows: list[list[Given] | dict[str, Given]], columns: list[str]) -> None:
    """A name that no object has would be a column without a cell; lists have no names."""
    if not rows or not all(isinstance(row, dict) for row in rows):
        return
    known = {name for row in rows for name in row}
    if unknown := [name for name in columns if name not in known]:
        raise _refused(("columns",), f"no row has {', '.join(unknown)}")


def _refused(place: tuple[str, ...], said: str) -> ValidationError:
    """An error of a field that is known only beside others; Pydantic keeps its place."""
    # Braces in the sentence would be a template's.
    error = PydanticCustomError("unknown_column", "{said}", {"said": said})
    return ValidationError.from_exception_data(
        "ReportParams", [{"type": error, "loc": place, "input": None}]
    )
