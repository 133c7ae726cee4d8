"""/v1/tasks: submit one."""

from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, JsonValue

from windrow.api.idempotency import IdempotencyKey, replayed
from windrow.api.v1.caller import Tenant
from windrow.api.v1.problems import documented
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import Body, Instant, Task, duration
from windrow.engine.engine import Engine
from windrow.engine.submit import Submission, submit
from windrow.model.estimate import USUAL, retry_after
from windrow.model.shown import present, shown
from windrow.model.terms import FARTHEST, LONGEST, MOST_RETRIES
from windrow.store.usual import Usual

EXAMPLE: JsonValue = {
    "task": "countries.refresh",
    "params": {},
    "priority": 8,
    "delay_seconds": 60,
    "deadline_seconds": 3600,
}


class Wanted(Body):
    """What is said of a task alike, whether it is submitted by itself or as a part of others."""

    task: str = Field(
        description="The name of a task of this deployment", min_length=1, max_length=255
    )
    params: dict[str, Any] = Field(
        default_factory=dict, description="As the task's own model has them"
    )
    start_within_seconds: float | None = Field(
        default=None,
        description="How long after that it fails if no worker has started it",
        gt=0,
        le=LONGEST.total_seconds(),
    )
    deadline_seconds: float | None = Field(
        default=None,
        description="How long after that it fails if it has not ended",
        gt=0,
        le=LONGEST.total_seconds(),
    )
    priority: int | None = Field(default=None, description="10 goes first", ge=1, le=10)


class NewTask(Wanted):
    """What to do, and on which terms."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    delay_seconds: float | None = Field(
        default=None, description="How long it waits at least", ge=0, le=FARTHEST.total_seconds()
    )
    at: Instant | None = Field(
        default=None, description="When it may start, instead of a delay; past is now"
    )
    unique: str | None = Field(
        default=None,
        description="A key that no other live task may have: a second submission meets the first",
        min_length=1,
        max_length=255,
    )
    webhook: str | None = Field(
        default=None, description="The id of an endpoint that is told of its end", max_length=64
    )
    max_retries: int | None = Field(
        default=None,
        description="How many attempts may follow the first, instead of what its policy says",
        ge=0,
        le=MOST_RETRIES,
    )

    def terms(self) -> dict[str, Any]:
        """The terms as `submit` takes them."""
        return {
            "delay": duration(self.delay_seconds),
            "at": self.at,
            "start_within": duration(self.start_within_seconds),
            "deadline": duration(self.deadline_seconds),
            "priority": self.priority,
            "unique": self.unique,
            "webhook": self.webhook,
            "max_retries": self.max_retries,
        }


class Accepted(Task):
    """The task that answers a submission."""

    is_met: bool | None = Field(
        default=None, description="It is an earlier one, which has the same unique key"
    )


ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "It is stored, and will be done",
        "headers": {
            "Location": {"description": "Where to poll", "schema": {"type": "string"}},
            "Retry-After": {
                "description": "In how many seconds a poll is worth while",
                "schema": {"type": "integer"},
            },
            "Idempotent-Replayed": {
                "description": "`true`: the same was submitted with this key before",
                "schema": {"type": "string"},
            },
        },
    }
}


def router(engine: Engine) -> APIRouter:
    """The routes of tasks."""
    made = native_router("tasks")
    usual = Usual(engine.aws, engine.records.table, engine.clock)

    @made.post(
        "",
        status_code=202,
        summary="Submit a task",
        response_model=Accepted,
        responses={**ACCEPTED, **documented(422)},
    )
    def submit_task(body: NewTask, tenant: Tenant, key: IdempotencyKey) -> JSONResponse:
        """Stores the task and answers at once; a worker does it.

        Sent again with the same `Idempotency-Key` it is answered as before, and done once.
        """
        submission = submit(engine, body.task, body.params, tenant=tenant, key=key, **body.terms())
        took = usual.duration(tenant, body.task)
        return accepted(submission, engine.clock.now(), took)

    return made


def accepted(submission: Submission, now: datetime, usual: timedelta | None = None) -> JSONResponse:
    """202 with the task, where to poll it, and when: by how long its type usually takes."""
    task = submission.task
    return JSONResponse(
        shown(task, now) | present(is_met=submission.is_met or None),
        status_code=202,
        headers={
            "Location": f"/v1/tasks/{task.ref.task}",
            "Retry-After": str(retry_after(task, now, usual or USUAL)),
            **replayed(submission),
        },
    )
