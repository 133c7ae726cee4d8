"""The HTTP routes of notifications."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from tasks.notifications import dialect, names, schema
from tasks.notifications.outbox import Outbox
from tasks.notifications.params import Notification
from tasks.notifications.settings import Settings
from windrow.api.idempotency import IdempotencyKey, replayed
from windrow.api.reading import add_get
from windrow.api.v1.caller import Tenant
from windrow.api.v1.route import StrictRoute
from windrow.engine.engine import Engine
from windrow.engine.submit import submit
from windrow.model.estimate import retry_after

BAD_REQUEST: Mapping[int | str, dict[str, Any]] = {
    400: {"model": schema.NotificationInvalid, "description": "The request is not as described"}
}
KEY_REUSED: Mapping[int | str, dict[str, Any]] = {
    422: {"model": schema.NotificationProblem, "description": "The key came with another body"}
}
# FastAPI would document an answer 422 that is never given.
OTHERS: Mapping[int | str, dict[str, Any]] = {
    "default": {"model": schema.NotificationProblem, "description": "Any other error"}
}

Limit = Annotated[int, Query(ge=1, le=100, description="How many at most")]


def routers(engine: Engine) -> list[APIRouter]:
    """The router of the notifications."""
    router = APIRouter(tags=["notifications"], route_class=StrictRoute)
    table = Settings.from_environment().table

    @router.post(
        names.NOTIFY,
        summary="Tell somebody something in the background",
        response_model=schema.Scheduled,
        responses={**BAD_REQUEST, **KEY_REUSED, **OTHERS},
    )
    def notify(
        tenant: Tenant, key: IdempotencyKey, body: Notification | None = None
    ) -> JSONResponse:
        """Answers once the notification is stored: it is told from then on, whatever fails.

        `Location` shows what becomes of it. Without a body it says that something has happened.
        """
        params = {} if body is None else body.model_dump(exclude_unset=True)
        submission = submit(engine, names.TASK, params, tenant=tenant, key=key)
        task = submission.task
        return JSONResponse(
            dialect.SCHEDULED,
            headers={
                "Location": names.POLL + task.ref.task,
                "Retry-After": str(retry_after(task, engine.clock.now())),
                **replayed(submission),
            },
        )

    def latest_notifications(tenant: Tenant, limit: Limit = 20) -> Response:
        """The latest of the last 30 days, the newest first."""
        found = Outbox(engine.aws, table, tenant).latest(limit, engine.clock.now())
        return JSONResponse(dialect.listed(found), headers={"Cache-Control": "no-store"})

    add_get(
        router,
        names.LATEST,
        latest_notifications,
        summary="List the latest notifications",
        response_model=schema.Latest,
        responses={**BAD_REQUEST, **OTHERS},
    )
    return [router]
