"""A task in seven steps, each of which it tells: 1,000 records read, checked and reported."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from tasks.examples import records
from tasks.examples.names import PROCESSING
from tasks.examples.records import Record, Region
from tasks.examples.settings import Settings
from windrow import Context, task

BATCHES = 3
STEPS = (
    "Loading data...",
    "Validating records...",
    *(f"Processing batch {number}/{BATCHES}..." for number in range(1, BATCHES + 1)),
    "Generating report...",
    "Saving results...",
)
FILE = "report_2024.csv"


@task(PROCESSING)
def process_data(context: Context) -> dict[str, Any]:
    """Read the records, check them, add them up in three batches, and store a report of it."""
    began = context.clock.now()
    steps = _told(context)
    next(steps)
    loaded = records.load()
    next(steps)
    count = records.validate(loaded)
    countries: records.Countries = {}
    for batch in batches(loaded):
        next(steps)
        records.gather(countries, batch)
    next(steps)
    report = text(records.regions(countries))
    next(steps)
    _store(context, report)
    seconds = (context.clock.now() - began).total_seconds()
    return {
        "processed_records": count,
        "generated_file": FILE,
        "processing_time": f"{seconds:g} seconds",
    }


def batches(loaded: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """The records in three parts that differ by one at most."""
    for number in range(BATCHES):
        yield loaded[number * len(loaded) // BATCHES : (number + 1) * len(loaded) // BATCHES]


def text(regions: Sequence[Region]) -> str:
    """The report as CSV."""
    written = StringIO()
    rows = csv.writer(written)
    rows.writerow(["region", "countries", "population", "currencies"])
    rows.writerows(
        [region.name, region.countries, region.population, region.currencies] for region in regions
    )
    return written.getvalue()


def _told(context: Context) -> Iterator[None]:
    """Say which step begins, one for each `next`; the seed counts a step when it begins."""
    for number, step in enumerate(STEPS, 1):
        context.progress(number, len(STEPS), step)
        yield


def _store(context: Context, report: str) -> None:
    """One object for one task: a second attempt writes the same again."""
    context.aws.call(
        "s3",
        "PutObject",
        {
            "Bucket": Settings.from_environment().bucket,
            "Key": f"tasks/{context.tenant}/{context.task_id}/{FILE}",
            "Body": report.encode(),
            "ContentType": "text/csv; charset=utf-8",
        },
    )
