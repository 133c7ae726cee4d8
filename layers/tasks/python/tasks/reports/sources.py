"""Reports about what Windrow knows itself: the work of the last hours, and the countries."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import batched

from tasks.countries.listing import Sort, select
from tasks.countries.rows import Rows
from tasks.reports.document import Chart, Document, Kind, Row, Series
from tasks.reports.params import ReportParams
from windrow import Context
from windrow.engine.stats import Stats, TypeStats, stats
from windrow.model.states import State

TASKS = (
    "Task",
    "Waiting",
    "Running",
    "Submitted",
    "Succeeded",
    "Failed",
    "Cancelled",
    "Median s",
    "95 % s",
)
COUNTRIES = (
    "Country",
    "Capital",
    "Region",
    "Population",
    "Currency",
    "Per US dollar",
    "Estimated GDP, US$",
)
ENDS = (State.SUCCEEDED, State.FAILED, State.CANCELLED)
HOUR = timedelta(hours=1)
# More hours than these are shown by days.
MOST_HOURS = 72
LARGEST = 10


def of_tasks(context: Context, params: ReportParams) -> Document:
    """What each type of task did in the last hours, by the rollups: no task is looked at."""
    found = stats(context.engine, context.tenant, minutes=params.hours * 60)
    types = [each for each in found.types if not each.is_system]
    rows = [_of_type(each) for each in types]
    ended = Counter({state: sum(each.events[state] for each in types) for state in ENDS})
    total = sum(ended.values())
    share = f", {ended[State.SUCCEEDED] / total:.1%} of them well" if total else ""
    summary = params.summary or (
        f"{total:,} task{'' if total == 1 else 's'} ended in the last {params.hours} hours{share}; "
        f"{found.queued:,} are queued."
    )
    return Document(
        title=params.title,
        at=context.created,
        columns=TASKS,
        rows=rows,
        summary=summary,
        chart=None if params.chart == "none" else _over_time(found, params.hours),
    )


def of_countries(context: Context, params: ReportParams, table: str) -> Document:
    """The tenant's countries, as the last refresh left them; empty before the first."""
    stored = Rows(context.aws, table, context.tenant).all()
    found = select(stored, region=params.region, currency=params.currency, sort=Sort.NAME_ASC)
    largest = sorted(found, key=lambda each: -(each.estimated_gdp or 0))[:LARGEST]
    chart = Chart(
        Kind.BAR,
        f"Estimated GDP in billion US$: the {LARGEST} largest",
        tuple(each.name for each in largest),
        (
            Series(
                "GDP, billion US$",
                tuple(round(float(each.estimated_gdp or 0) / 1e9, 1) for each in largest),
            ),
        ),
        "Country",
    )
    return Document(
        title=params.title,
        at=context.created,
        columns=COUNTRIES,
        rows=[
            (
                each.name,
                each.capital,
                each.region,
                each.population,
                each.currency_code,
                None if each.exchange_rate is None else float(each.exchange_rate),
                None if each.estimated_gdp is None else float(each.estimated_gdp),
            )
            for each in found
        ],
        summary=params.summary or "",
        chart=None if params.chart == "none" else chart,
    )


def _of_type(each: TypeStats) -> Row:
    return (
        each.name,
        each.states.get(State.QUEUED, 0),
        each.states.get(State.RUNNING, 0),
        each.events.get("submitted", 0),
        *(each.events.get(state, 0) for state in ENDS),
        *(_seconds(each.took.get(share)) for share in ("p50", "p95")),
    )


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else round(duration.total_seconds(), 3)


def _over_time(found: Stats, hours: int) -> Chart:
    """How tasks ended, hour by hour or day by day, those in which nothing happened included."""
    counts: dict[datetime, Counter[str]] = {}
    for at, events in found.series:
        counts.setdefault(_hour(at), Counter()).update(events)
    last = _hour(found.at)
    steps = [last - HOUR * back for back in range(hours, -1, -1)]
    size, form = (1, "%H:00") if hours <= MOST_HOURS else (24, "%d %b")
    spans = list(batched(steps, size))
    return Chart(
        Kind.STACK,
        f"Ended by {'hour' if size == 1 else 'day'} (UTC)",
        tuple(span[0].strftime(form) for span in spans),
        tuple(
            Series(
                state.capitalize(),
                tuple(
                    float(sum(counts.get(step, Counter())[state] for step in span))
                    for span in spans
                ),
            )
            for state in ENDS
        ),
        "Hour" if size == 1 else "Day",
    )


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
