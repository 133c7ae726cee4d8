"""/v1/events: the last ends of tasks, as the events that they made."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from windrow.api.v1.caller import Tenant
from windrow.api.v1.listing import PAGED, Cursor, Limit, known_type, paged
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import Shown, Task
from windrow.engine.engine import Engine
from windrow.engine.list_tasks import list_tasks
from windrow.model.endpoint import ENDS
from windrow.model.event import completion, end_of, source_of
from windrow.model.filters import Filters
from windrow.model.shown import present
from windrow.model.states import State
from windrow.model.system import is_system


class Data(Shown):
    """What ended, and what it came to."""

    task: Task
    result: Any = Field(default=None, description="If it has 10 KB at most")
    result_path: str | None = Field(default=None, description="Where to ask for a larger one")


class Event(Shown):
    """An end of a task (CloudEvents 1.0)."""

    specversion: Literal["1.0"]
    id: str = Field(description="The same wherever this end is told of")
    source: str = Field(description="The deployment and the tenant")
    type: str = Field(examples=["windrow.task.succeeded.v1"])
    subject: str = Field(description="The task's id")
    time: datetime
    datacontenttype: Literal["application/json"]
    traceparent: str | None = None
    data: Data


class Events(Shown):
    """A page of events; `cursor` leads to the next, if there is one."""

    events: list[Event]
    cursor: str | None = None


Type = Annotated[str | None, Query(description="The task's name", min_length=1, max_length=255)]
Ended = Annotated[
    Literal["succeeded", "failed", "cancelled"] | None, Query(description="How it ended")
]


def router(engine: Engine) -> APIRouter:
    """The routes of events."""
    made = native_router("events")

    @made.get("", summary="See the last ends of tasks", response_model=Events, responses=PAGED)
    def list_events(
        tenant: Tenant,
        type: Type = None,
        state: Ended = None,
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> JSONResponse:
        """The newest tasks that have ended, as events; by when they were created, newest first.

        For whoever has missed some: an event has the same id here as on the bus and in a webhook.
        """
        states = ENDS if state is None else frozenset({State(state)})
        filters = Filters(name=known_type(engine, type), states=states)
        page = list_tasks(engine, filters, tenant=tenant, limit=limit, cursor=cursor)
        source = source_of(engine.outgoing.deployment, tenant)
        ended = [task for task in page.tasks if task.ended and not is_system(task.name)]
        found = {"events": [completion(task, end_of(task), source=source) for task in ended]}
        asked = present(type=type, state=state, limit=limit)
        return paged(found, "/v1/events", asked, page.cursor)

    return made
