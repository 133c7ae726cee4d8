"""The HTTP routes that start the examples: each a POST that is answered once its task is stored."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from tasks.examples import dialect, names, schema, unreliable
from tasks.examples.answers import documented, started
from tasks.examples.calculation import KEPT
from tasks.examples.maintenance import Maintenance
from tasks.examples.priorities import Priority
from tasks.examples.reminder import DELAY, Reminder
from tasks.examples.times import naive
from windrow.api.idempotency import IdempotencyKey
from windrow.api.v1.caller import Tenant
from windrow.engine.engine import Engine
from windrow.engine.submit import submit
from windrow.store.usual import Usual

HOUR = timedelta(hours=1)


def add(router: APIRouter, engine: Engine) -> None:
    """Add the routes that start one task each."""
    _add_work(router, engine)
    _add_failing(router, engine)
    _add_timed(router, engine)


def _add_work(router: APIRouter, engine: Engine) -> None:
    usual = Usual(engine.aws, engine.records.table, engine.clock)

    @router.post(names.START_TASK, summary="Start a long task", **documented(schema.Started))
    def start_task(tenant: Tenant, key: IdempotencyKey) -> JSONResponse:
        """It counts the primes below 100,000,000 in ten parts, and says how far it is."""
        task = submit(engine, names.PRIMES, tenant=tenant, key=key)
        return started(engine, task, "Task started", status="running")

    @router.post(names.FETCH_DATA, summary="Fetch data", **documented(schema.Fetching))
    def fetch_data(tenant: Tenant, key: IdempotencyKey) -> JSONResponse:
        """An `async def` task that makes five fetches at a time."""
        task = submit(engine, names.FETCH, tenant=tenant, key=key)
        took = dialect.duration(usual.duration(tenant, names.FETCH))
        return started(engine, task, "Async task started", estimated_duration=took)

    @router.post(names.PROCESS_DATA, summary="Process data", **documented(schema.Processing))
    def process_data(tenant: Tenant, key: IdempotencyKey) -> JSONResponse:
        """Reads, checks and reports 1,000 records in seven steps; `Location` shows each of them."""
        task = submit(engine, names.PROCESSING, tenant=tenant, key=key)
        return started(
            engine,
            task,
            "Data processing started",
            poll=names.TASK_PROGRESS,
            progress_available=True,
        )

    @router.post(
        names.LONG_CALCULATION, summary="Start a calculation", **documented(schema.Calculating)
    )
    def long_calculation(tenant: Tenant, key: IdempotencyKey) -> JSONResponse:
        """Adds up the squares of 1 to 1,000,000. `Location` has the result while it is kept."""
        task = submit(engine, names.CALCULATION, tenant=tenant, key=key)
        return started(
            engine,
            task,
            "Calculation started",
            poll=names.CALCULATION_RESULT,
            result_available_for=f"{KEPT // HOUR} hours",
        )


def _add_failing(router: APIRouter, engine: Engine) -> None:
    @router.post(
        names.UNRELIABLE_TASK, summary="Start an unreliable task", **documented(schema.Unreliable)
    )
    def unreliable_task(tenant: Tenant, key: IdempotencyKey) -> JSONResponse:
        """It fails three times in ten, and is tried again after 5, 10 and 20 seconds."""
        task = submit(engine, names.UNRELIABLE, tenant=tenant, key=key)
        return started(
            engine,
            task,
            "Unreliable task started",
            max_retries=unreliable.MAX_RETRIES,
            retry_policy="exponential_backoff",
        )

    @router.post(
        names.CUSTOM_ERROR_HANDLING,
        summary="Start a task with error handling of its own",
        **documented(schema.Handled),
    )
    def task_with_custom_errors(tenant: Tenant, key: IdempotencyKey) -> JSONResponse:
        """A lost connection is tried again, wrong data never, any other error once more."""
        task = submit(engine, names.HANDLED, tenant=tenant, key=key)
        return started(engine, task, "Task with custom error handling started")


def _add_timed(router: APIRouter, engine: Engine) -> None:
    @router.post(
        names.SCHEDULE_REMINDER, summary="Schedule a reminder", **documented(schema.Reminding)
    )
    def schedule_reminder(
        tenant: Tenant, key: IdempotencyKey, body: Reminder | None = None
    ) -> JSONResponse:
        """It is mailed half a minute later."""
        params = _said(body)
        task = submit(engine, names.REMINDER, params, tenant=tenant, key=key, delay=DELAY)
        return started(
            engine, task, "Reminder scheduled", scheduled_for=naive(task.task.not_before)
        )

    @router.post(
        names.PRIORITY_TASK, summary="Start an urgent task", **documented(schema.Prioritised)
    )
    def priority_task(
        tenant: Tenant, key: IdempotencyKey, body: Maintenance | None = None
    ) -> JSONResponse:
        """LOW, NORMAL, HIGH and CRITICAL are 1, 5, 8 and 10 of Windrow's ten."""
        wanted = body or Maintenance()
        priority = Priority[wanted.priority]
        task = submit(
            engine, names.MAINTENANCE, _said(wanted), tenant=tenant, key=key, priority=priority
        )
        return started(
            engine,
            task,
            f"{priority.name.capitalize()} priority task scheduled",
            priority=priority.name,
        )


def _said(body: Reminder | Maintenance | None) -> dict[str, Any]:
    """The params that a body gives: without a body they are the defaults."""
    return {} if body is None else body.model_dump(exclude_unset=True)
