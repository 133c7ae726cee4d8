"""The map that makes figures of a table: each slice by itself, then all of them together."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from itertools import batched
from typing import Any

from tasks.analytics import rows
from tasks.analytics.column import Column
from tasks.analytics.params import DataParams
from tasks.analytics.slices import MOST_COLUMNS, slices
from windrow import Context, Outcome, RetryPolicy, task
from windrow.errors import InvalidItems, WindrowError

POOL = "analytics"
PRIORITY = 2
RETRY = RetryPolicy(attempts=4, base=timedelta(seconds=60))
# Of rows that come as params.
TOGETHER = 1_000
CONTENT_TYPE = "application/json"


class SlicesLost(WindrowError):
    """Some slices could not be read, so the figures would be wrong."""

    def __init__(self, outcome: Outcome) -> None:
        lost = outcome.total - outcome.succeeded
        super().__init__(f"{lost:,} of {outcome.total:,} slices could not be read; see failures.")


@task.map(
    "analytics.process_data",
    pool=POOL,
    params=DataParams,
    priority=PRIORITY,
    retry=RETRY,
    chunk_size=1,
)
def process_data(context: Context, params: DataParams) -> Iterator[dict[str, Any]]:
    """Slices of whole rows. Raises InvalidItems for what is no table."""
    if params.rows is not None:
        for number, part in enumerate(batched(params.rows, TOGETHER)):
            yield {"number": number, "rows": part, "top": params.top}
        return
    key = params.key or ""
    for each in slices(context.engine.bucket, context.tenant, key, is_csv=params.is_csv):
        yield asdict(each) | {"top": params.top}


@process_data.chunk
def count(context: Context, items: list[dict[str, Any]]) -> None:
    """Make the figures of each slice, and store them by its number: a second time the same."""
    for item in items:
        read = _read(context, item)
        columns = {}
        for name, values in read.columns.items():
            columns[name] = Column()
            columns[name].add(values)
        partial = {
            "top": item["top"],
            "rows": read.rows,
            "invalid": read.invalid,
            "columns": {name: column.to_json() for name, column in columns.items()},
        }
        body = json.dumps(partial, separators=(",", ":")).encode()
        context.engine.bucket.put(_place(context, item["number"]), body, CONTENT_TYPE)


@process_data.finish()
def finish(context: Context, outcome: Outcome) -> dict[str, Any]:
    """Add up the figures of all slices, one after the other."""
    if outcome.succeeded < outcome.total:
        raise SlicesLost(outcome)
    total = invalid = top = 0
    columns: dict[str, Column] = {}
    for number in range(outcome.total):
        partial = json.loads(context.engine.bucket.get(_place(context, number)))
        total, invalid = total + partial["rows"], invalid + partial["invalid"]
        top = partial["top"]
        for name, found in partial["columns"].items():
            columns.setdefault(name, Column()).merge(Column.from_json(found))
        if len(columns) > MOST_COLUMNS:
            raise InvalidItems(context.task_id, f"it has more than {MOST_COLUMNS} columns")
    return {
        "status": "success",
        "rows": total,
        "invalid_rows": invalid,
        "columns": [column.shown(name, total, top) for name, column in columns.items()],
    }


def _read(context: Context, item: dict[str, Any]) -> rows.Read:
    if "rows" in item:
        return rows.of_objects("rows", item["rows"])
    body = context.engine.bucket.slice(item["key"], item["offset"], item["length"], item["etag"])
    if item["columns"] is not None:
        return rows.of_csv(body, item["columns"])
    return rows.of_json_lines(item["key"], body)


def _place(context: Context, number: int) -> str:
    """Among the objects of the task: they go with it."""
    return f"tasks/{context.tenant}/{context.task_id}/figures-{number:05d}.json"
