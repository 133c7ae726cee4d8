"""/v1/stats: figures about work, from rollups; what they cost does not grow with the tasks."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from windrow.api.v1.caller import Tenant
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import Shown
from windrow.engine.engine import Engine
from windrow.engine.stats import MOST, MOST_MINUTES, stats
from windrow.engine.stats_shown import shown


class States(Shown):
    """How many tasks are in each state now."""

    queued: int
    running: int
    succeeded: int
    failed: int
    cancelled: int


class Happened(Shown):
    """What happened: submissions, first starts, and ends by how they ended."""

    submitted: int
    started: int
    succeeded: int
    failed: int
    cancelled: int


class TaskTotals(States):
    """All tasks but Windrow's own, as long as they are kept."""

    tasks: int
    success_rate: float | None = Field(
        default=None,
        description="How many of a hundred have succeeded, of all that there are",
    )


class Percentiles(Shown):
    """Seconds that so many of a hundred did not exceed, at most 9.1 % beside the truth."""

    p50: float
    p90: float
    p95: float
    p99: float


class TypeFigures(Shown):
    """One type of tasks."""

    task: str = Field(examples=["countries.refresh"])
    is_system: bool | None = Field(default=None, description="Windrow's own, and in no sum")
    states: States
    success_rate: float | None = Field(
        default=None,
        description="How many of a hundred have succeeded, of all that there are",
    )
    window: Happened = Field(description="What happened in the window")
    peak_concurrency: int | None = Field(
        default=None, description="The most that ran at once, second by second; not by hours"
    )
    waited_seconds: Percentiles | None = Field(default=None, description="For the first start")
    took_seconds: Percentiles | None = Field(
        default=None, description="From the first start to the end, waits between tries included"
    )


class Moment(Happened):
    """What happened in a minute, or in an hour; those in which nothing did are left out."""

    at: datetime


class ErrorFigures(Shown):
    """Why tasks of a type failed: failures of one kind whose messages differ in values only."""

    task: str
    kind: str = Field(examples=["TimeoutError"])
    message: str = Field(description="Without numbers, ids and quoted values")
    fingerprint: str
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    example: str = Field(description="The id of a task that failed so")


class Figures(Shown):
    """Figures about a tenant's work."""

    at: datetime
    window_seconds: float
    step_seconds: float = Field(description="60 where `series` has minutes, 3600 where hours")
    lag_seconds: float = Field(description="How old the counts are, at the least")
    counted_until: datetime | None = Field(
        default=None, description="Changes up to this second are counted"
    )
    queued: int = Field(description="Tasks that have not started, also those for a later time")
    oldest_waiting_seconds: float | None = Field(
        default=None, description="How long the one has waited that could have started first"
    )
    totals: TaskTotals
    types: list[TypeFigures]
    series: list[Moment]
    errors: list[ErrorFigures]


Window = Annotated[
    int,
    Query(
        ge=1,
        le=MOST,
        description=f"Minutes, up to now; from {MOST_MINUTES + 1} on by hours, whole ones",
    ),
]


def router(engine: Engine) -> APIRouter:
    """The route of figures."""
    made = native_router("stats")

    @made.get("", summary="See figures about work", response_model=Figures)
    def show_stats(tenant: Tenant, window: Window = 60) -> JSONResponse:
        """Counts by type and state, throughput, durations, reasons of failures, and how old it is.

        Counted once for each change, some seconds after it. Chunks of maps are not counted.
        """
        found: dict[str, Any] = shown(stats(engine, tenant, minutes=window))
        return JSONResponse(found)

    return made
