"""The HTTP routes of the examples: those that start tasks, those that poll one, and the figures."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse, Response

from tasks.examples import dialect, names, schema, starting, starting_many
from tasks.examples.active import active, workers
from tasks.examples.answers import BAD_REQUEST, NOT_FOUND, OTHERS
from tasks.examples.figures import Deployment, analytics, throughput
from tasks.examples.machine import MACHINE
from tasks.examples.status import POLLS
from windrow.api.reading import add_get, add_polled
from windrow.api.v1.caller import Tenant
from windrow.api.v1.route import StrictRoute
from windrow.engine.engine import Engine

FRESH = {"Cache-Control": "no-store"}
SHOWN = {
    names.TASK_STATUS: ("task_status", "See how a task stands", schema.Status),
    names.TASK_PROGRESS: ("task_progress", "See how far a task is", schema.Progress),
    names.CALCULATION_RESULT: (
        "calculation_result",
        "Read the result of a calculation",
        schema.Calculation,
    ),
}


def routers(engine: Engine) -> list[APIRouter]:
    """The router of the seventeen routes."""
    router = APIRouter(tags=["examples"], route_class=StrictRoute)
    starting.add(router, engine)
    starting_many.add(router, engine)
    for path, polled in POLLS.items():
        name, summary, model = SHOWN[path]
        add_polled(
            router,
            engine,
            path,
            polled,
            name=name,
            summary=summary,
            response_model=model,
            responses={**BAD_REQUEST, **NOT_FOUND, **OTHERS},
            dependencies=[Depends(_of_task)],
        )
    _add_reports(router, engine)
    return [router]


def _of_task(
    id: Annotated[str, Path(description="A task's id", examples=[schema.ID])],
) -> None:
    """Documents what the path names; the poll itself reads it."""


def _add_reports(router: APIRouter, engine: Engine) -> None:
    deployment = Deployment(engine)

    def active_tasks(tenant: Tenant) -> Response:
        """The tasks that have not ended, the newest first: 1,000 at most, `total_count` of all.

        `Link` leads to the others, in the native list.
        """
        found = active(engine, tenant)
        headers = dict(FRESH)
        if found.following is not None:
            following = f"/v1/tasks?state=queued,running&limit=100&cursor={found.following}"
            headers["Link"] = f'<{following}>; rel="next"'
        body = dialect.active(found.tasks, found.total, engine.clock.now())
        return JSONResponse(body, headers=headers)

    def shutdown_status(tenant: Tenant) -> Response:
        """Whether tasks are accepted still; `windrow drain` begins to stop that, pool by pool."""
        pools = sorted(engine.queue.urls)
        total = active(engine, tenant).total
        body = dialect.shutdown(engine.control.read(), pools, total)
        return JSONResponse(body, headers=FRESH)

    def task_analytics(tenant: Tenant) -> Response:
        """From the rollups: what ended in the last 31 days, and the most that ran at once in the
        last day. `uptime` counts from when the deployment's table was made.
        """
        figures = analytics(engine, tenant, deployment.since())
        return JSONResponse(dialect.analytics(figures), headers=FRESH)

    def task_performance(tenant: Tenant) -> Response:
        """Processors and memory are those of the function that answers, `active_workers` the
        attempts whose lease is alive. There is no server whose figures these could be.
        """
        body = dialect.performance(
            MACHINE.cpu_percent(),
            MACHINE.resident_megabytes(),
            workers(engine, tenant),
            throughput(engine, tenant),
        )
        return JSONResponse(body, headers=FRESH)

    shown: list[tuple[str, Callable[..., Response], str, Any]] = [
        (names.ACTIVE_TASKS, active_tasks, "List what has not ended", schema.Active),
        (names.SHUTDOWN_STATUS, shutdown_status, "See where a shutdown stands", schema.Shutdown),
        (names.TASK_ANALYTICS, task_analytics, "See what tasks came to", schema.Analytics),
        (names.TASK_PERFORMANCE, task_performance, "See how work goes", schema.Performance),
    ]
    for path, endpoint, summary, model in shown:
        add_get(
            router,
            path,
            endpoint,
            summary=summary,
            response_model=model,
            responses={**BAD_REQUEST, **OTHERS},
        )
