"""The HTTP routes that start many tasks at once: a batch of ten, and sixty checks by a schedule."""

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from tasks.examples import batch, monitoring, names, schema
from tasks.examples.answers import documented
from tasks.examples.priorities import Priority
from windrow.api.idempotency import IdempotencyKey, replayed
from windrow.api.v1.caller import Tenant
from windrow.api.v1.counted import Counting
from windrow.engine import schedules
from windrow.engine.engine import Engine
from windrow.engine.modes import check_accepting
from windrow.engine.submit import Submission
from windrow.engine.submit_many import submit_many
from windrow.model.draft import Draft
from windrow.model.estimate import retry_after
from windrow.model.scheduled import run_of

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def add(router: APIRouter, engine: Engine) -> None:
    """Add the routes that start several tasks each."""

    @router.post(
        names.BATCH_PROCESSING, summary="Process a batch of ten", **documented(schema.Batch)
    )
    def batch_processing(tenant: Tenant, key: IdempotencyKey, count: Counting) -> JSONResponse:
        """Ten tasks, each of which is one by itself, and counts towards the tenant's quota.

        They are checked before the first is stored. If AWS fails in between, the answer is 503 and
        some may be stored: repeat it with the same `Idempotency-Key`, and there are ten.
        """
        count(engine, batch.ITEMS)
        drafts = [
            Draft(names.BATCH_ITEM, {"item_id": number}, priority=Priority.NORMAL)
            for number in range(batch.ITEMS)
        ]
        answers = submit_many(engine, drafts, tenant=tenant, key=key)
        stored = [answer for answer in answers if isinstance(answer, Submission)]
        for answer in answers:
            if not isinstance(answer, Submission):
                raise answer
        return JSONResponse(
            {
                "message": "Batch processing started",
                "batch_tasks": [each.task.ref.task for each in stored],
                "total_items": len(stored),
            },
            headers={
                "Retry-After": str(retry_after(stored[0].task, engine.clock.now())),
                **replayed(stored[0]),
            },
        )

    @router.post(
        names.START_MONITORING, summary="Start monitoring", **documented(schema.Monitoring)
    )
    def start_monitoring(tenant: Tenant, key: IdempotencyKey) -> JSONResponse:
        """A schedule that starts a check of the machine every ten seconds, for ten minutes.

        `task_id` is the first check. `Link` leads to the schedule: pause it there, or remove it.
        """
        check_accepting(engine, engine.registry.get(names.HEALTH).pool)
        made = schedules.create(engine, names.HEALTH, monitoring.SCHEDULE, tenant=tenant, key=key)
        start = made.timing.start
        assert start is not None, "a rate that is stored has a start"
        first = run_of(made.ref, start).task
        return JSONResponse(
            {
                "message": "System monitoring started",
                "task_id": first,
                "interval": f"{monitoring.EVERY // SECOND} seconds",
                "duration": f"{monitoring.LASTING // MINUTE} minutes",
            },
            headers={
                "Location": names.of(names.TASK_STATUS, first),
                "Link": f'</v1/schedules/{made.ref.id}>; rel="related"',
                "Retry-After": "2",
            },
        )
