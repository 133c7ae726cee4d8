"""What a report says, from its params: the same for every attempt of a task."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from tasks.reports import sources, tables
from tasks.reports.document import Chart, Document, Kind, Series, chosen
from tasks.reports.params import ReportParams
from windrow import Context


def collected(context: Context, params: ReportParams, table: str) -> Document:
    """The document. What a source tells changes from minute to minute: it is read once and kept."""
    if params.rows is None and not params.fields:
        kept = context.once("document", lambda: _kept(_told(context, params, table)))
        return _document(kept, context.created)
    if params.rows is None:
        columns, rows = tables.of_fields(params.fields)
    else:
        columns, rows = tables.of_rows(params.rows, params.columns)
    return Document(
        title=params.title,
        at=context.created,
        columns=columns,
        rows=rows,
        summary=params.summary or "",
        chart=_chart(params, columns, rows),
    )


def _told(context: Context, params: ReportParams, table: str) -> Document:
    if params.source == "countries":
        return sources.of_countries(context, params, table)
    return sources.of_tasks(context, params)


def _chart(params: ReportParams, columns: list[str], rows: list[Any]) -> Chart | None:
    match params.chart:
        case "none":
            return None
        case "auto":
            return chosen(columns, rows) if params.rows is not None else None
        case wanted:
            pass
    # The params have checked the names; without rows there is nothing to draw.
    return (
        chosen(columns, rows, kind=Kind(wanted.kind), label=wanted.label, values=wanted.values)
        if rows
        else None
    )


def _kept(document: Document) -> dict[str, Any]:
    """The document as JSON."""
    kept = asdict(document)
    del kept["at"]
    return kept


def _document(kept: dict[str, Any], at: datetime) -> Document:
    chart = kept["chart"]
    if chart is not None:
        chart = Chart(
            Kind(chart["kind"]),
            chart["title"],
            tuple(chart["labels"]),
            tuple(Series(each["name"], tuple(each["values"])) for each in chart["series"]),
            chart.get("by", ""),
        )
    rows = [tuple(row) for row in kept["rows"]]
    return Document(**{**kept, "chart": chart, "rows": rows}, at=at)
