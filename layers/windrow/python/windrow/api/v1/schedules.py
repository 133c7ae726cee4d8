"""/v1/schedules: tasks that start by themselves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path
from fastapi.responses import JSONResponse, Response
from pydantic import ConfigDict, Field, JsonValue

from windrow.api.idempotency import IdempotencyKey
from windrow.api.v1.caller import Tenant
from windrow.api.v1.listing import PAGED, Cursor, Limit, paged
from windrow.api.v1.problems import documented
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import Body, Instant, Shown, whole_seconds
from windrow.api.v1.tasks import ACCEPTED, Accepted, accepted
from windrow.engine import schedules
from windrow.engine.engine import Engine
from windrow.errors import InvalidOption, NoSchedule
from windrow.model.poll import CACHING, Poll, tag
from windrow.model.ref import ScheduleRef
from windrow.model.schedule import LONGEST_CATCH_UP, Schedule, is_id
from windrow.model.scheduled import Scheduled
from windrow.model.shown import present
from windrow.model.shown_schedule import shown_runs, shown_schedule
from windrow.model.timing import LONGEST

LAST = 5
PAGE = 20
EXAMPLE: JsonValue = {
    "id": "countries.nightly",
    "task": "countries.refresh",
    "cron": "30 2 * * *",
    "timezone": "Europe/Berlin",
    "overlap": "skip",
}
CHANGE_EXAMPLE: JsonValue = {"cron": "0 3 * * *", "overlap": "queue"}

WHEN = ("cron", "every_seconds", "at")
MOST_SECONDS = int(LONGEST.total_seconds())
DAY = int(LONGEST_CATCH_UP.total_seconds())
Rate = Annotated[int, whole_seconds(1, MOST_SECONDS), Field(ge=1, le=MOST_SECONDS)]
CatchUp = Annotated[int, whole_seconds(60, DAY), Field(ge=60, le=DAY)]
Overlap = Literal["skip", "queue", "replace", "allow"]


class Timed(Body):
    """When a task starts; exactly one of `cron`, `every_seconds` and `at`."""

    cron: str | None = Field(
        default=None,
        description="Minute, hour, day of the month, month, day of the week, as in a crontab",
        max_length=200,
    )
    timezone: str | None = Field(
        default=None,
        description="By which clocks a cron is meant: an IANA name; UTC if left out",
        max_length=64,
    )
    every_seconds: Rate | None = Field(default=None, description="A rate, counted from the start")
    at: Instant | None = Field(default=None, description="Once")
    start_at: Instant | None = Field(
        default=None, description="Nothing is planned before; for a rate, the first time"
    )
    end_at: Instant | None = Field(default=None, description="Nothing is planned from then on")
    duration_seconds: Rate | None = Field(
        default=None, description="In place of an end: how long after the start"
    )
    overlap: Overlap | None = Field(
        default=None,
        description="What becomes of a run while the one before it has not ended; skip if left out",
    )
    catch_up_seconds: CatchUp | None = Field(
        default=None, description="How late a run may be started; an hour if left out"
    )
    priority: int | None = Field(default=None, description="That of its runs", ge=1, le=10)
    params: dict[str, Any] | None = Field(default=None, description="The params of its runs")

    def said(self) -> dict[str, Any]:
        """What is given, by the names that the engine has for it. Raises InvalidOption."""
        self.check_when(least=0)
        given = {
            "cron": self.cron,
            "timezone": self.timezone,
            "every": _span(self.every_seconds),
            "at": self.at,
            "start": self.start_at,
            "end": self.end_at,
            "lasting": _span(self.duration_seconds),
            "overlap": self.overlap,
            "catch_up": _span(self.catch_up_seconds),
            "priority": self.priority,
            "params": self.params,
        }
        return present(**given)

    def check_when(self, *, least: int) -> None:
        """Raise InvalidOption for more than one time to start at, or for fewer than `least`."""
        named = [name for name in WHEN if getattr(self, name) is not None]
        if not least <= len(named) <= 1:
            expected = f"given alone: exactly one of {', '.join(WHEN[:-1])} and {WHEN[-1]}"
            raise InvalidOption(named[-1] if named else WHEN[0], f"{expected} says when", named)


class NewSchedule(Timed):
    """What starts when."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str | None = Field(
        default=None,
        description="What it is called: letters, digits, dots, hyphens and underscores; one is"
        " made if left out",
        min_length=1,
        max_length=64,
    )
    task: str = Field(description="The task that it starts", min_length=1, max_length=255)


class ScheduleChange(Timed):
    """What is to be otherwise; what is left out stays. An end or a priority of null goes."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHANGE_EXAMPLE]})

    def changes(self) -> dict[str, Any]:
        """What is to be otherwise, by the names that the engine has for it."""
        gone = {"end_at": "end", "start_at": "start", "priority": "priority"}
        removed = {
            name: None
            for field, name in gone.items()
            if field in self.model_fields_set and getattr(self, field) is None
        }
        return {**self.said(), **removed}


class Run(Shown):
    """What became of a planned time."""

    planned_at: datetime
    outcome: Literal["started", "skipped", "refused"]
    task_id: str | None = None
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"] | None = Field(
        default=None, description="How its task stands, as long as that is kept"
    )
    reason: str | None = Field(default=None, description="Why none was started")


class ScheduleShown(Shown):
    """A schedule as it stands."""

    id: str = Field(examples=["countries.nightly"])
    task: str
    params: dict[str, Any]
    state: Literal["active", "paused", "ended"]
    cron: str | None = None
    timezone: str | None = None
    every_seconds: int | None = None
    at: datetime | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    overlap: Overlap
    catch_up_seconds: int
    priority: int | None = None
    created_at: datetime
    changed_at: datetime
    is_declared: bool | None = Field(
        default=None, description="In code, with its task: it can be paused, and changed there"
    )
    is_unsynced: bool | None = Field(
        default=None, description="AWS could not be told of it yet, and will be within minutes"
    )
    started: int = Field(description="How many tasks it has started")
    skipped: int = Field(description="Planned times that found another run, or were refused")
    missed: int = Field(description="Planned times that were late beyond what is caught up with")
    waiting: int | None = Field(default=None, description="Runs that wait for the one before them")
    next_runs: list[datetime] = Field(description="The next five planned times")


class WholeSchedule(ScheduleShown):
    """A schedule with what became of its last planned times."""

    last_runs: list[Run]


class Schedules(Shown):
    """A page of schedules, by id."""

    schedules: list[ScheduleShown]
    cursor: str | None = Field(default=None, description="Leads to the next page")


class Runs(Shown):
    """A page of what became of planned times, the newest first."""

    runs: list[Run]
    cursor: str | None = Field(default=None, description="Leads to the next page")


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


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
