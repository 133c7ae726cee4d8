"""GET /v1/tasks: tasks found again, newest first, by filters that combine."""

from collections.abc import Callable
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from windrow.api.v1.caller import Tenant
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import QueryInstant, Shown, State, Task
from windrow.engine.engine import Engine
from windrow.engine.list_tasks import LIMIT, MOST, list_tasks
from windrow.errors import InvalidOption, one_of
from windrow.model import states
from windrow.model.filters import Filters
from windrow.model.ids import ID
from windrow.model.ref import Ref
from windrow.model.schedule import is_id
from windrow.model.shown import present, shown

STATES = "|".join(get_args(State))
PAGED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "Link": {
                "description": 'The next page, `rel="next"`, as long as there is one',
                "schema": {"type": "string"},
            }
        }
    }
}

# For the parameters of every list.
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many a page has at most")]
Cursor = Annotated[
    str | None,
    Query(max_length=2000, description="Where to go on: from the page before, as it was given"),
]


class TaskPage(Shown):
    """Tasks as they stand, the newest first.

    A page may hold fewer than were asked for, even none, and there are more as long as it has a
    cursor: what a page costs is bounded, however few tasks the filters let through.
    """

    model_config = ConfigDict(title="TaskPage")

    tasks: list[Task]
    cursor: str | None = Field(default=None, description="Leads to the next page")


def router(engine: Engine) -> APIRouter:
    """The route of the list."""
    made = native_router("tasks")

    @made.get(
        "",
        summary="List tasks",
        response_model=TaskPage,
        responses=PAGED,
    )
    def list_all_tasks(
        tenant: Tenant,
        task_type: Annotated[
            str | None,
            Query(
                alias="type",
                pattern=r"^[^,]{1,255}(,[^,]{1,255}){0,19}$",
                description="What they do: the names of tasks, separated by commas",
                examples=["countries.refresh"],
            ),
        ] = None,
        state: Annotated[
            str | None,
            Query(
                max_length=100,
                description="Any of these, separated by commas",
                examples=["queued,running"],
                json_schema_extra={"pattern": f"^({STATES})(,({STATES}))*$"},
            ),
        ] = None,
        priority: Annotated[int | None, Query(ge=1, le=10)] = None,
        error: Annotated[
            str | None,
            Query(max_length=255, description="The kind of error that they ended with"),
        ] = None,
        parent: Annotated[
            str | None, Query(max_length=64, description="The id of the task whose children")
        ] = None,
        schedule: Annotated[
            str | None,
            Query(max_length=255, description="The id of the schedule that started them"),
        ] = None,
        created_after: Annotated[
            QueryInstant | None, Query(description="Created at this instant or later")
        ] = None,
        created_before: Annotated[
            QueryInstant | None, Query(description="Created before this instant")
        ] = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT,
    ) -> JSONResponse:
        """A tenant's tasks that meet every filter, newest first.

        A task of the last second may be missing; what is listed is shown as it stands. A page with
        100,000 tasks behind it costs what one with 1,000 does.
        """
        if parent is not None and not ID.fullmatch(parent):
            raise InvalidOption("parent", "the id of a task", parent)
        if schedule is not None and not is_id(schedule):
            raise InvalidOption("schedule", "the id of a schedule", schedule)
        filters = Filters(
            **_names(engine, task_type),
            states=_states(state),
            priority=priority,
            error=error,
            parent=parent,
            schedule=schedule,
            created_after=created_after,
            created_before=created_before,
        )
        page = list_tasks(engine, filters, tenant=tenant, limit=limit, cursor=cursor)
        now = engine.clock.now()
        asked = present(
            type=task_type,
            state=state,
            priority=priority,
            error=error,
            parent=parent,
            schedule=schedule,
            created_after=created_after and created_after.isoformat(),
            created_before=created_before and created_before.isoformat(),
            limit=limit,
        )
        found = {"tasks": [shown(task, now) for task in page.tasks]}
        return paged(found, "/v1/tasks", asked, page.cursor)

    return made


def _names(engine: Engine, text: str | None) -> dict[str, Any]:
    """One name is asked of the index as such: a cursor of before goes on."""
    if text is None or "," not in text:
        return {"name": known_type(engine, text)}
    return {"names": frozenset(known_type(engine, each) for each in text.split(","))}


def known_type(engine: Engine, name: str | None) -> str | None:
    """The type that a filter names. Raises InvalidOption for one that this deployment has not."""
    if name is None or name in engine.registry:
        return name
    known = sorted(each.name for each in engine.registry)
    raise InvalidOption("type", one_of(name, known), name)


def _states(text: str | None) -> frozenset[states.State]:
    """What `state` asks for. Raises InvalidOption."""
    named = [] if text is None else text.split(",")
    known = list(states.State)
    if not set(named) <= set(known):
        expected = f"any of {', '.join(known)}, separated by commas"
        raise InvalidOption("state", expected, text)
    return frozenset(map(states.State, named))


def paged(
    body: dict[str, Any], path: str, asked: dict[str, Any], cursor: str | None
) -> JSONResponse:
    """A page, with where the next one is: the same request with a cursor."""
    if cursor is None:
        return JSONResponse(body)
    # Relative, for nobody here knows under which name the API is known outside.
    following = f"{path}?{urlencode(asked | {'cursor': cursor})}"
    return JSONResponse(body | {"cursor": cursor}, headers={"Link": f'<{following}>; rel="next"'})


def paged_by_number(
    engine: Engine,
    ref: Ref,
    noun: str,
    found: Callable[[int], tuple[list[dict[str, Any]], int | None]],
    *,
    limit: int,
    cursor: str | None,
) -> JSONResponse:
    """A page of the parts of a task, which are numbered.

    `found` answers for the number to begin with: the parts, and the number of the next page.
    """
    scope = f"{noun}\n{ref.tenant}\n{ref}"
    start = int(engine.cursors.place(scope, cursor)) if cursor is not None else 0
    parts, following = found(start)
    path = f"/v1/tasks/{ref.task}/{noun}"
    at = None if following is None else engine.cursors.at(scope, str(following))
    return paged({noun: parts}, path, {"limit": limit}, at)
