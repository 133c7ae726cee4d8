"""A task in seven steps, each of which it tells: 1,000 records read, checked and reported."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from tasks.examples import records
from tasks.examples.names import PROCESSING
from tasks.examples.records import Record, Region
from tasks.reports.document import Document, chosen
from tasks.reports.generate import POOL
from tasks.reports.names import PDF
from tasks.reports.write import write
from windrow import Context, task

BATCHES = 3
STEPS = (
    "Loading data...",
    "Validating records...",
    *(f"Processing batch {number}/{BATCHES}..." for number in range(1, BATCHES + 1)),
    "Generating report...",
    "Saving results...",
)
FILE = "report_2024.pdf"
COLUMNS = ("Region", "Countries", "Population", "Currencies")


@task(PROCESSING, pool=POOL)
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
    report = document(records.regions(countries), context.created)
    next(steps)
    written = write(context, report, PDF, file=FILE)
    seconds = (context.clock.now() - began).total_seconds()
    return {
        "processed_records": count,
        "generated_file": written.file,
        "processing_time": f"{seconds:g} seconds",
    }


def batches(loaded: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """The records in three parts that differ by one at most."""
    for number in range(BATCHES):
        yield loaded[number * len(loaded) // BATCHES : (number + 1) * len(loaded) // BATCHES]


def document(regions: Sequence[Region], at: datetime) -> Document:
    """The report: a line and a bar for each region."""
    rows = [(each.name, each.countries, each.population, each.currencies) for each in regions]
    return Document(
        title="The world by region",
        at=at,
        columns=COLUMNS,
        rows=rows,
        chart=chosen(COLUMNS, rows, values=("Population",)),
    )


def _told(context: Context) -> Iterator[None]:
    """Say which step begins, one for each `next`; the seed counts a step when it begins."""
    for number, step in enumerate(STEPS, 1):
        context.progress(number, len(STEPS), step)
        yield
