"""GET /v1/tasks/{task_id} and its result.

Deployed, the status function answers the first: this one is for servers without it, and says the
same in the documentation.
"""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import Field

from windrow.api.v1.ids import TaskRef
from windrow.api.v1.problems import documented
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import Task
from windrow.engine.engine import Engine
from windrow.engine.result import result
from windrow.errors import NoResult
from windrow.model.poll import Poll, answer
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.watch import Watch


class WholeTask(Task):
    """A task as it stands, with what it came to."""

    result: Any = Field(default=None, description="Any JSON, null included; there while it is kept")
    result_url: str | None = Field(default=None, description="Where a large result is to be had")


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


HEADERS = {
    "ETag": _header("Of what is shown, weak; the same while nothing has changed"),
    "Retry-After": _header("While it is not over: in how many seconds to ask again"),
    "Preference-Applied": _header("How long it would have waited"),
}
POLLED: dict[int | str, dict[str, Any]] = {
    200: {"headers": HEADERS},
    304: {"description": "Nothing has changed; there is no body", "headers": HEADERS},
}
RESULT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The result, any JSON",
        "content": {"application/json": {"schema": {}, "example": {"total": 250}}},
    },
    303: {
        "description": "It is large: read it there, without credentials, within the hour",
        "headers": {"Location": _header("A presigned URL")},
    },
}


def router(engine: Engine) -> APIRouter:
    """The routes of who polls."""
    made = native_router("tasks")

    @made.head("/{task_id}", include_in_schema=False)
    @made.get(
        "/{task_id}",
        summary="Show a task",
        response_model=WholeTask,
        responses=POLLED | documented(404),
    )
    def show_task(
        ref: TaskRef,
        if_none_match: Annotated[
            str | None, Header(description="The ETag of an answer before: 304 if it is the same")
        ] = None,
        prefer: Annotated[
            str | None,
            Header(
                description="`wait=n`: wait up to n seconds, 20 at most, until the task is over, or"
                " is another than If-None-Match says"
            ),
        ] = None,
    ) -> Response:
        """The task as it stands, by one read. A poll that finds nothing new is 304, without a body.

        A task is there for as many days after its end as records are kept.
        """
        return _polled(engine, ref, if_none_match, prefer)

    @made.get(
        "/{task_id}/result",
        summary="Show the result of a task",
        response_class=Response,
        responses=RESULT | documented(404, 409),
    )
    def show_result(ref: TaskRef) -> Response:
        """The result and nothing else, as JSON; 404 when it is not kept any more, 409 before."""
        found = result(engine, ref)
        if found.state is not State.SUCCEEDED:
            raise NoResult(ref.task, found.state, found.why if found.state.is_over else None)
        headers = {"Cache-Control": "no-store"}
        if found.url:
            return RedirectResponse(found.url, status_code=303, headers=headers)
        return Response(found.text or "null", media_type="application/json", headers=headers)

    return made


def _polled(engine: Engine, ref: Ref, if_none_match: str | None, prefer: str | None) -> Response:
    given = {"if-none-match": if_none_match, "prefer": prefer}
    poll = Poll.of({name: value for name, value in given.items() if value is not None})
    watch = Watch(engine.records, engine.clock)
    task = watch.task(ref, poll.is_met_by, poll.wait or timedelta())
    reply = answer(task, poll, ref.task, engine.clock.now())
    if reply.body is None:
        return Response(status_code=reply.status, headers=dict(reply.headers))
    return JSONResponse(dict(reply.body), reply.status, headers=dict(reply.headers))
