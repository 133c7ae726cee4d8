"""/v1/schedules: tasks that start by themselves."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path
from fastapi.responses import JSONResponse, Response

from windrow.api.idempotency import IdempotencyKey
from windrow.api.v1.caller import Tenant
from windrow.api.v1.listing import PAGED, Cursor, Limit, paged
from windrow.api.v1.problems import documented
from windrow.api.v1.route import native_router
from windrow.api.v1.schedule_bodies import (
    NewSchedule,
    Runs,
    ScheduleChange,
    Schedules,
    ScheduleShown,
    WholeSchedule,
)
from windrow.api.v1.tasks import ACCEPTED, Accepted, accepted
from windrow.engine import schedules
from windrow.engine.engine import Engine
from windrow.errors import InvalidOption, NoSchedule
from windrow.model.poll import CACHING, Poll, tag
from windrow.model.ref import ScheduleRef
from windrow.model.schedule import Schedule, is_id
from windrow.model.scheduled import Scheduled
from windrow.model.shown_schedule import shown_runs, shown_schedule

LAST = 5
PAGE = 20


def _ref(
    tenant: Tenant,
    schedule_id: Annotated[str, Path(examples=["countries.nightly"], description="A schedule")],
) -> ScheduleRef:
    if not is_id(schedule_id):
        raise NoSchedule(schedule_id[:80])
    return ScheduleRef(tenant, schedule_id)


Ref = Annotated[ScheduleRef, Depends(_ref)]
IfNoneMatch = Annotated[
    str | None, Header(description="The ETag of an answer: 304 if it is still the same")
]
UNCHANGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"description": "Its version", "schema": {"type": "string"}}}},
    304: {"description": "It is as it was"},
}
CREATED: dict[int | str, dict[str, Any]] = {
    201: {
        "headers": {
            "Location": {"description": "Where it is", "schema": {"type": "string"}},
        }
    }
}
ORDERS: dict[str, tuple[Callable[[Engine, ScheduleRef], Scheduled], str, str]] = {
    "pause": (
        schedules.pause,
        "Pause a schedule",
        "Nothing starts until it is resumed, also what is planned for the next seconds. What runs"
        " goes on. Given twice it changes nothing.",
    ),
    "resume": (
        schedules.resume,
        "Resume a schedule",
        "It goes on with what is planned from now on; what the pause left out is not made up for.",
    ),
}


def router(engine: Engine) -> APIRouter:
    """The routes of schedules."""
    made = native_router("schedules")

    @made.post(
        "",
        status_code=201,
        summary="Make a schedule",
        response_model=ScheduleShown,
        responses={**CREATED, **documented(409, 422)},
    )
    def create_schedule(body: NewSchedule, tenant: Tenant, key: IdempotencyKey) -> JSONResponse:
        """Durable when it is answered. The same again, with its id or an `Idempotency-Key`, is
        answered with the first.
        """
        if body.id is not None and not is_id(body.id):
            raise InvalidOption("id", "letters, digits, dots, hyphens and underscores", body.id)
        body.check_when(least=1)
        wanted = Schedule(id=body.id, **body.said())
        seen = schedules.create(engine, body.task, wanted, tenant=tenant, key=key)
        location = {"Location": f"/v1/schedules/{seen.ref.id}"}
        return JSONResponse(_shown(engine, seen), status_code=201, headers=location)

    @made.get("", summary="List schedules", response_model=Schedules, responses=PAGED)
    def list_schedules(tenant: Tenant, limit: Limit = PAGE, cursor: Cursor = None) -> JSONResponse:
        """By id, page by page."""
        scope = f"schedules\n{tenant}"
        after = engine.cursors.place(scope, cursor) if cursor is not None else ""
        page = schedules.page(engine, tenant, after, limit)
        following = None if page.last is None else engine.cursors.at(scope, page.last)
        body = {"schedules": [_shown(engine, each) for each in page.schedules]}
        return paged(body, "/v1/schedules", {"limit": limit}, following)

    @made.get(
        "/{schedule_id}",
        summary="See a schedule",
        response_model=WholeSchedule,
        responses={**UNCHANGED, **documented(404)},
    )
    def get_schedule(ref: Ref, if_none_match: IfNoneMatch = None) -> Response:
        """With its next five planned times, and what became of the last five."""
        body = _shown(engine, schedules.read(engine, ref))
        body["last_runs"] = _runs(engine, ref, LAST, None)
        headers = {"ETag": tag(body), **CACHING}
        sent = {} if if_none_match is None else {"if-none-match": if_none_match}
        if Poll.of(sent).has_seen(tag(body)):
            return Response(status_code=304, headers=headers)
        return JSONResponse(body, headers=headers)

    @made.patch(
        "/{schedule_id}",
        summary="Change a schedule",
        response_model=ScheduleShown,
        responses=documented(404, 409, 422),
    )
    def change_schedule(ref: Ref, body: ScheduleChange) -> JSONResponse:
        """What is left out stays. A new cron, rate or instant takes the place of the former; what
        was started goes on.
        """
        return JSONResponse(_shown(engine, schedules.change(engine, ref, body.changes())))

    @made.delete(
        "/{schedule_id}",
        status_code=204,
        summary="Remove a schedule",
        responses=documented(404, 409),
    )
    def remove_schedule(ref: Ref) -> Response:
        """It starts nothing any more. What it has started goes on, and its runs stay listed."""
        schedules.remove(engine, ref)
        return Response(status_code=204)

    @made.post(
        "/{schedule_id}/run",
        status_code=202,
        summary="Start its task now",
        response_model=Accepted,
        responses={**ACCEPTED, **documented(404)},
    )
    def run_schedule(ref: Ref, key: IdempotencyKey) -> JSONResponse:
        """Beside what is planned, and whatever runs.

        Sent again with the same `Idempotency-Key` it is answered with the same task.
        """
        return accepted(schedules.run_now(engine, ref, key=key), engine.clock.now())

    @made.get(
        "/{schedule_id}/runs",
        summary="List what became of planned times",
        response_model=Runs,
        responses={**PAGED, **documented(404)},
    )
    def list_runs(ref: Ref, limit: Limit = PAGE, cursor: Cursor = None) -> JSONResponse:
        """The newest first; also of a schedule that was removed, as long as they are kept."""
        scope = f"runs\n{ref.tenant}\n{ref.id}"
        place = engine.cursors.place(scope, cursor) if cursor is not None else None
        before = None if place is None else datetime.fromisoformat(place)
        found = _runs(engine, ref, limit, before)
        if not found and place is None:
            schedules.read(engine, ref)  # raises NoSchedule, unless none of its times has come
        is_full = len(found) == limit
        following = engine.cursors.at(scope, found[-1]["planned_at"]) if is_full else None
        path = f"/v1/schedules/{ref.id}/runs"
        return paged({"runs": found}, path, {"limit": limit}, following)

    for verb, (order, summary, description) in ORDERS.items():
        _add_order(made, engine, verb, order, summary=summary, description=description)
    return made


def _add_order(
    made: APIRouter,
    engine: Engine,
    verb: str,
    order: Callable[[Engine, ScheduleRef], Scheduled],
    **documentation: str,
) -> None:
    def ordered(ref: Ref) -> JSONResponse:
        return JSONResponse(_shown(engine, order(engine, ref)))

    made.add_api_route(
        f"/{{schedule_id}}/{verb}",
        ordered,
        methods=["POST"],
        name=f"{verb}_schedule",
        response_model=ScheduleShown,
        responses=documented(404),
        **documentation,  # type: ignore[arg-type]
    )


def _shown(engine: Engine, seen: Scheduled) -> dict[str, Any]:
    return shown_schedule(seen, engine.clock.now())


def _runs(
    engine: Engine, ref: ScheduleRef, limit: int, before: datetime | None
) -> list[dict[str, Any]]:
    found = schedules.runs(engine, ref, limit, before)
    return shown_runs(found, schedules.tasks_of(engine, ref, found))
