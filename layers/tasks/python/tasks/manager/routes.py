"""The HTTP routes of the task manager."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Path, Query
from fastapi.responses import JSONResponse, Response

from tasks.manager import dialect, schema, status
from tasks.manager.names import PRIORITIES, of_type, own_name, task_name
from windrow.api.detailed import DetailRoute
from windrow.api.idempotency import IdempotencyKey, replayed
from windrow.api.reading import add_get, add_polled
from windrow.api.v1.caller import Tenant
from windrow.engine.cancel import cancel
from windrow.engine.count_tasks import count_tasks, names_counted
from windrow.engine.engine import Engine
from windrow.engine.list_from import FARTHEST, MOST, list_from
from windrow.engine.submit import submit
from windrow.errors import AlreadyOver, NotFound
from windrow.model.estimate import retry_after
from windrow.model.filters import Filters
from windrow.model.ref import NAME, Ref
from windrow.model.shown import present
from windrow.model.states import State

TASKS = "/api/tasks"
# No task has this name: what it is asked for, there is none of.
NOTHING = "-"

BAD_REQUEST: Mapping[int | str, dict[str, Any]] = {
    400: {"model": schema.Refused, "description": "A type, a status or a name that there is not"}
}
NOT_FOUND: Mapping[int | str, dict[str, Any]] = {
    404: {"model": schema.Refused, "description": "There is no such task"}
}
UNPROCESSABLE: Mapping[int | str, dict[str, Any]] = {
    422: {"model": schema.Unprocessable, "description": "A field is not what it must be"}
}

Status = Annotated[
    str | None,
    Query(max_length=255, description=f"One of {', '.join(dialect.STATES)}", examples=["pending"]),
]
Type = Annotated[
    str | None,
    Query(max_length=255, description=f"One of {', '.join(PRIORITIES)}", examples=["email"]),
]
Id = Annotated[str, Path(description="The task's id")]


def routers(engine: Engine) -> list[APIRouter]:
    """The router of the task manager."""
    router = APIRouter(tags=["task manager"], route_class=DetailRoute)
    _add_enqueue(router, engine)
    _add_list(router, engine)
    _add_count(router, engine)
    add_polled(
        router,
        engine,
        status.TASK,
        status.polled,
        name="show_managed_task",
        summary="Show a task in the words of the seed that it comes from",
        response_model=schema.ManagedTask | schema.ExtractedArticle,
        responses={
            304: {"description": "Nothing has changed; there is no body"},
            **NOT_FOUND,
            **UNPROCESSABLE,
        },
        dependencies=[Depends(_documented)],
    )
    _add_cancel(router, engine)
    return [router]


def _add_enqueue(router: APIRouter, engine: Engine) -> None:
    @router.post(
        f"{TASKS}/enqueue",
        status_code=201,
        summary="Enqueue a task of one of the four types",
        response_model=schema.Enqueued,
        responses={**BAD_REQUEST, **UNPROCESSABLE},
    )
    def enqueue_task(body: schema.NewManagedTask, tenant: Tenant, key: IdempotencyKey) -> Response:
        """Stores the task and answers at once; a worker of its type's queue does it.

        Sent again with the same `Idempotency-Key` it is answered as before, and done once.
        """
        _known("task_type", body.task_type, PRIORITIES)
        names = of_type(body.task_type, engine.registry.names)
        _known(
            "task_name",
            task_name(own_name(body.task_name)),
            sorted(map(task_name, names)),
            of=f" for task_type '{body.task_type}'",
        )
        submission = submit(
            engine,
            own_name(body.task_name),
            body.params,
            tenant=tenant,
            key=key,
            priority=body.priority or PRIORITIES[body.task_type],
            max_retries=body.max_retries,
        )
        task = submission.task
        return JSONResponse(
            {
                "task_id": task.ref.task,
                "message": f"Task enqueued successfully with priority {task.priority}",
            },
            201,
            headers={
                "Location": f"{TASKS}/{task.ref.task}",
                "Retry-After": str(retry_after(task, engine.clock.now())),
                **replayed(submission),
            },
        )


def _add_list(router: APIRouter, engine: Engine) -> None:
    def list_managed_tasks(
        tenant: Tenant,
        status: Status = None,
        task_type: Type = None,
        limit: Annotated[
            int, Query(ge=1, le=MOST, description="How many a page has at most")
        ] = 100,
        offset: Annotated[int, Query(ge=0, description="How many to pass over")] = 0,
        cursor: Annotated[
            str | None, Query(max_length=2000, description="Where to go on, from `Link`")
        ] = None,
    ) -> Response:
        """Every task, or those of a status and a type, the newest first.

        `Link` leads to the next page, however far it is. A task of the last second may be missing.
        """
        filters = _filters(engine, tenant, status, task_type)
        if offset > FARTHEST:
            raise HTTPException(
                400,
                f"Invalid offset. Must be at most {FARTHEST}: to go further, follow the Link of"
                " each page, or list with GET /v1/tasks",
            )
        found = list_from(engine, filters, tenant=tenant, limit=limit, offset=offset, cursor=cursor)
        now = engine.clock.now()
        body = {
            "tasks": [dialect.render(task, now) for task in found.tasks],
            "total_count": found.total,
            "limit": limit,
            "offset": offset,
        }
        if found.cursor is None:
            return JSONResponse(body)
        asked = present(status=status, task_type=task_type, limit=limit, cursor=found.cursor)
        return JSONResponse(body, headers={"Link": f'<{TASKS}?{urlencode(asked)}>; rel="next"'})

    for path in (TASKS, f"{TASKS}/"):
        add_get(
            router,
            path,
            list_managed_tasks,
            summary="List tasks in the words of seed 004",
            response_model=schema.ManagedTasks,
            responses={**BAD_REQUEST, **UNPROCESSABLE},
            include_in_schema=path == TASKS,
        )


def _add_count(router: APIRouter, engine: Engine) -> None:
    def count_managed_tasks(
        tenant: Tenant, status: Status = None, task_type: Type = None
    ) -> Response:
        """How many tasks there are of a status and a type.

        Up to 100 are counted as they stand. More are counted from changes, some seconds old.
        """
        count = count_tasks(engine, _filters(engine, tenant, status, task_type), tenant=tenant)
        return JSONResponse({"count": count, "status": status, "task_type": task_type})

    add_get(
        router,
        f"{TASKS}/count/all",
        count_managed_tasks,
        summary="Count tasks",
        response_model=schema.Count,
        responses={**BAD_REQUEST, **UNPROCESSABLE},
    )


def _add_cancel(router: APIRouter, engine: Engine) -> None:
    @router.post(
        f"{TASKS}/{{id}}/cancel",
        summary="Cancel a task",
        response_model=schema.Cancelled,
        responses=dict(NOT_FOUND),
    )
    def cancel_managed_task(id: Id, tenant: Tenant) -> Response:
        """What waits ends at once. What runs is asked to stop, and is not tried again."""
        over = HTTPException(404, f"Task {id[:80]} not found or already completed")
        if not NAME.fullmatch(id):
            raise over
        ref = Ref(tenant, id)
        before = engine.records.task(ref)
        if before is None or before.state.is_over:
            raise over
        try:
            task = cancel(engine, ref)
        except (NotFound, AlreadyOver):
            raise over from None
        is_cancelled = task.state is State.CANCELLED
        message = "Task cancelled successfully" if is_cancelled else "Task is asked to stop"
        return JSONResponse({"task_id": id, "success": True, "message": message})


def _documented(
    id: Id,
    view: Annotated[
        str | None,
        Query(
            description="Whose words: those of seed 001, of seed 004, or Windrow's own",
            json_schema_extra={"enum": list(status.VIEWS)},
        ),
    ] = None,
) -> None: ...


def _filters(engine: Engine, tenant: str, status: str | None, task_type: str | None) -> Filters:
    """Raises HTTPException for a status or a type that there is not."""
    states: frozenset[State] = frozenset()
    names: frozenset[str] = frozenset()
    if status is not None:
        _known("status", status, dialect.STATES)
        states = frozenset({dialect.STATES[status]})
    if task_type is not None:
        _known("task_type", task_type, PRIORITIES)
        # Also those that are declared no more: their tasks are still there.
        known = {*engine.registry.names, *names_counted(engine, tenant)}
        names = of_type(task_type, known) or frozenset({NOTHING})
    return Filters(names=names, states=states)


def _known(field: str, given: str, known: Iterable[str], *, of: str = "") -> None:
    """Answer 400 in the words of the seed's origin, unless it is one of these."""
    values = list(known)
    if given not in values:
        raise HTTPException(400, f"Invalid {field}{of}. Must be one of: {values}")
