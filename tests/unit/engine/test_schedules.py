"""Schedules: each planned time starts one task, whatever EventBridge does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from tests.harness import Deployment, deploy
from tests.rings import Rings
from windrow import Context, Registry, Schedule, task
from windrow.engine import control, schedules
from windrow.engine.declared import reconcile
from windrow.engine.engine import Engine
from windrow.engine.system import GROUP
from windrow.errors import (
    InvalidOption,
    InvalidParams,
    NoSchedule,
    ScheduleExists,
    TooManySchedules,
    UnknownTask,
)
from windrow.model.ref import ScheduleRef
from windrow.model.scheduled import Scheduled, Standing
from windrow.model.system import WEBHOOK

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@task("clean")
def clean(context: Context) -> str:
    return "clean"


class Room(BaseModel):
    number: int


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy(Registry([clean])) as made:
        yield made


@pytest.fixture
def rings(deployment: Deployment) -> Rings:
    return Rings(deployment)


def made(engine: Engine, **options: Any) -> Scheduled:
    return schedules.create(engine, "clean", Schedule(**{"id": "s", **options}))


def at(deployment: Deployment, text: str) -> None:
    """Let it be that time in UTC."""
    wanted = datetime.fromisoformat(text).replace(tzinfo=UTC)
    deployment.clock.advance(wanted - deployment.clock.now())


def started(rings: Rings, schedule: str = "s") -> list[str]:
    return [planned for planned, outcome in rings.runs(schedule) if outcome == "started"]


def test_a_cron_starts_one_task_at_each_planned_time(rings: Rings) -> None:
    made(rings.deployment.engine, cron="0 */6 * * *")

    rings.pass_time(DAY)

    assert started(rings) == [
        "2026-01-15T12:00:00Z",
        "2026-01-15T18:00:00Z",
        "2026-01-16T00:00:00Z",
        "2026-01-16T06:00:00Z",
    ]
    assert [each.result for each in rings.tasks("s")] == ['"clean"'] * 4
    assert {each.schedule for each in rings.tasks("s")} == {"s"}


@pytest.mark.parametrize("late", [timedelta(), 59 * SECOND, 20 * MINUTE])
@pytest.mark.parametrize("copies", [1, 3])
def test_late_and_doubled_fires_start_one_task_a_time(
    rings: Rings, late: timedelta, copies: int
) -> None:
    rings.late, rings.copies = late, copies
    made(rings.deployment.engine, cron="*/30 * * * *")

    rings.pass_time(4 * HOUR + late, step=59 * SECOND)

    assert len(started(rings)) == len(rings.tasks("s")) == len(set(started(rings))) == 8
    assert started(rings)[:2] == ["2026-01-15T11:00:00Z", "2026-01-15T11:30:00Z"]


def test_a_fire_that_never_comes_is_made_up_for_by_a_tick(rings: Rings) -> None:
    rings.lost = lambda fire: True
    made(rings.deployment.engine, cron="0 12 * * *")
    made(rings.deployment.engine, id="once", at=datetime(2026, 1, 15, 13, tzinfo=UTC))

    rings.pass_time(3 * HOUR)

    assert started(rings) == ["2026-01-15T12:00:00Z"]
    (run,) = rings.tasks("s")
    assert run.created - datetime(2026, 1, 15, 12, tzinfo=UTC) <= 8 * MINUTE
    assert started(rings, "once") == ["2026-01-15T13:00:00Z"]


def test_every_ten_seconds_for_ten_minutes_are_sixty_tasks_to_the_second(rings: Rings) -> None:
    made(rings.deployment.engine, every=10 * SECOND, lasting=10 * MINUTE, overlap="allow")

    rings.pass_time(15 * MINUTE, step=SECOND)

    tasks = rings.tasks("s")
    assert len(tasks) == 60
    assert started(rings)[0] == "2026-01-15T10:30:00Z"
    assert started(rings)[-1] == "2026-01-15T10:39:50Z"
    planned = [datetime.fromisoformat(each) for each in started(rings)]
    late = [task.started - each for task, each in zip(tasks, planned, strict=True) if task.started]
    assert len(late) == 60
    assert max(late) <= SECOND
    assert rings.deployment.services.scheduler.schedules == {}


def test_seconds_are_kept_though_eventbridge_is_late_by_up_to_a_minute(rings: Rings) -> None:
    made(rings.deployment.engine, every=20 * SECOND, lasting=10 * MINUTE, overlap="allow")
    lateness = iter([timedelta(), 59 * SECOND] * 20)

    for _ in range(12):
        rings.late = next(lateness)
        rings.pass_time(MINUTE, step=SECOND)

    tasks = rings.tasks("s")
    assert len(tasks) == 30
    delays = [
        each.started - datetime.fromisoformat(planned)
        for each, planned in zip(tasks, started(rings), strict=True)
        if each.started
    ]
    assert max(delays) <= SECOND


@pytest.mark.parametrize(
    ("now", "zone", "cron", "expected"),
    [
        (
            "2026-03-27T12:00:00",
            "Europe/Berlin",
            "30 2 * * *",
            ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"],
        ),
        (
            "2026-10-31T12:00:00",
            "America/New_York",
            "30 1 * * *",
            ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z", "2026-11-03T06:30:00Z"],
        ),
        (
            "2026-03-07T20:00:00",
            "America/New_York",
            "0 6 * * *",
            ["2026-03-08T10:00:00Z", "2026-03-09T10:00:00Z", "2026-03-10T10:00:00Z"],
        ),
    ],
)
def test_a_change_of_the_clocks_starts_what_was_said_to_come_next(
    rings: Rings, now: str, zone: str, cron: str, expected: list[str]
) -> None:
    at(rings.deployment, now)
    rings.copies = 2
    seen = made(rings.deployment.engine, cron=cron, timezone=zone)
    said = [each.isoformat().replace("+00:00", "Z") for each in seen.next(seen.created, 3)]

    rings.pass_time(3 * DAY + 18 * HOUR)

    assert said == expected
    assert started(rings)[:3] == expected
    # EventBridge, which walks through the minutes of the zone, and the product agree.
    fired = [each.isoformat().replace("+00:00", "Z") for each in rings.fired]
    assert fired == started(rings)


def test_a_pause_starts_nothing_and_leaves_out_what_it_covered(rings: Rings) -> None:
    engine = rings.deployment.engine
    seen = made(engine, cron="0 * * * *")
    rings.pass_time(HOUR)

    schedules.pause(engine, seen.ref)
    rings.pass_time(3 * HOUR)
    resumed = schedules.resume(engine, seen.ref)
    said = resumed.next(rings.deployment.clock.now(), 5)
    rings.pass_time(2 * HOUR)

    assert started(rings) == [
        "2026-01-15T11:00:00Z",
        "2026-01-15T15:00:00Z",
        "2026-01-15T16:00:00Z",
    ]
    assert [each.hour for each in said] == [15, 16, 17, 18, 19]


def test_a_fire_that_is_on_its_way_when_it_is_paused_starts_nothing(rings: Rings) -> None:
    engine = rings.deployment.engine
    seen = made(engine, cron="0 * * * *")
    (fire,) = rings.deployment.services.scheduler.fires(seen.created, seen.created + HOUR)
    schedules.pause(engine, seen.ref)
    rings.deployment.clock.advance(HOUR)

    rings.ring(fire)

    assert rings.runs("s") == []
    assert rings.deployment.hints.messages == []


def test_what_is_planned_to_the_second_is_not_started_in_a_pause(rings: Rings) -> None:
    engine = rings.deployment.engine
    seen = made(engine, every=10 * SECOND, overlap="allow")
    rings.pass_time(25 * SECOND, step=SECOND)

    schedules.pause(engine, seen.ref)
    rings.pass_time(20 * SECOND, step=SECOND)
    schedules.resume(engine, seen.ref)
    rings.pass_time(25 * SECOND, step=SECOND)

    assert started(rings) == [
        "2026-01-15T10:30:00Z",
        "2026-01-15T10:30:10Z",
        "2026-01-15T10:30:20Z",
        "2026-01-15T10:30:50Z",
        "2026-01-15T10:31:00Z",
        "2026-01-15T10:31:10Z",
    ]


def test_once_is_once_and_to_the_second(rings: Rings) -> None:
    when = datetime(2026, 1, 15, 12, 0, 30, tzinfo=UTC)
    made(rings.deployment.engine, at=when)

    rings.pass_time(3 * HOUR, step=10 * SECOND)

    (run,) = rings.tasks("s")
    assert run.started == when
    assert rings.deployment.services.scheduler.schedules == {}


def test_what_is_late_beyond_the_bound_is_missed_but_for_the_last_of_the_day(
    rings: Rings,
) -> None:
    engine = rings.deployment.engine
    made(engine, cron="0 * * * *", overlap="allow")
    made(engine, id="daily", cron="0 12 * * *")
    rings.lost, rings.ticks = (lambda fire: True), False
    rings.pass_time(6 * HOUR + 5 * MINUTE)

    rings.lost, rings.ticks = (lambda fire: False), True
    rings.pass_time(10 * MINUTE)

    assert started(rings) == ["2026-01-15T16:00:00Z"]
    assert schedules.read(engine, ScheduleRef("default", "s")).missed == 5
    assert started(rings, "daily") == ["2026-01-15T12:00:00Z"]


def test_the_same_is_made_once_and_another_is_refused(deployment: Deployment) -> None:
    first = made(deployment.engine, cron="0 6 * * *")

    assert made(deployment.engine, cron="0 6 * * *").ref == first.ref
    with pytest.raises(ScheduleExists):
        made(deployment.engine, cron="0 7 * * *")


def test_who_makes_one_again_with_its_key_meets_the_first(deployment: Deployment) -> None:
    daily = Schedule(cron="0 6 * * *")

    first = schedules.create(deployment.engine, "clean", daily, key="k")
    second = schedules.create(deployment.engine, "clean", daily, key="k")

    assert first.ref == second.ref
    assert len(deployment.services.scheduler.schedules) == 1


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"at": datetime(2026, 1, 15, 10, tzinfo=UTC)}, InvalidOption),
        ({"cron": "0 6 * * *", "end": datetime(2026, 1, 15, 11, tzinfo=UTC)}, InvalidOption),
        ({"cron": "0 6 * * *", "params": {"x": 1}}, InvalidParams),
    ],
)
def test_what_could_never_start_is_refused(
    deployment: Deployment, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        made(deployment.engine, **options)

    assert deployment.services.scheduler.schedules == {}


def test_a_task_that_is_not_there_has_no_schedule(deployment: Deployment) -> None:
    with pytest.raises(UnknownTask):
        schedules.create(deployment.engine, "nothing", Schedule(cron="0 6 * * *"))


def test_a_removed_schedule_starts_nothing_and_its_runs_stay_listed(rings: Rings) -> None:
    engine = rings.deployment.engine
    seen = made(engine, cron="0 * * * *")
    rings.pass_time(HOUR)

    schedules.remove(engine, seen.ref)
    rings.pass_time(3 * HOUR)

    assert started(rings) == ["2026-01-15T11:00:00Z"]
    assert rings.deployment.services.scheduler.schedules == {}
    with pytest.raises(NoSchedule):
        schedules.read(engine, seen.ref)
    again = made(engine, cron="30 * * * *")
    assert (again.started, again.standing) == (0, Standing.ACTIVE)


def test_a_changed_schedule_goes_on_by_its_new_times(rings: Rings) -> None:
    engine = rings.deployment.engine
    seen = made(engine, cron="0 * * * *", timezone="Europe/Berlin")
    rings.pass_time(HOUR)

    changed = schedules.change(engine, seen.ref, {"cron": "15 * * * *"})
    rings.pass_time(HOUR)

    assert changed.timing.timezone == "Europe/Berlin"
    assert started(rings) == ["2026-01-15T11:00:00Z", "2026-01-15T12:15:00Z"]


def test_a_changed_cron_keeps_its_start(deployment: Deployment) -> None:
    start = datetime(2026, 2, 1, tzinfo=UTC)
    seen = made(deployment.engine, cron="0 6 * * *", start=start)

    changed = schedules.change(deployment.engine, seen.ref, {"cron": "0 7 * * *"})

    assert changed.next(seen.created, 1) == (start + 7 * HOUR,)


@pytest.mark.parametrize("name", [GROUP, WEBHOOK])
def test_what_callers_cannot_submit_cannot_be_planned_either(
    deployment: Deployment, name: str
) -> None:
    with pytest.raises(UnknownTask):
        schedules.create(deployment.engine, name, Schedule(cron="0 6 * * *"))


def test_a_tenant_has_so_many_schedules_that_are_not_over() -> None:
    with deploy(Registry([clean]), settings={"WINDROW_SCHEDULES_PER_TENANT": "2"}) as deployment:
        engine = deployment.engine
        soon = deployment.clock.now() + MINUTE
        first = made(engine, id="first", cron="0 6 * * *")
        made(engine, id="once", at=soon)
        with pytest.raises(TooManySchedules):
            made(engine, id="third", cron="0 6 * * *")

        # One that is asked for again, paused or changed is none more; what ends, or goes, is.
        made(engine, id="first", cron="0 6 * * *")
        schedules.pause(engine, first.ref)
        schedules.resume(engine, first.ref)
        Rings(deployment).pass_time(2 * MINUTE)
        made(engine, id="third", cron="0 6 * * *")
        with pytest.raises(TooManySchedules):
            schedules.change(engine, ScheduleRef("default", "once"), {"cron": "0 6 * * *"})
        schedules.remove(engine, first.ref)
        schedules.change(engine, ScheduleRef("default", "once"), {"cron": "0 6 * * *"})
        elsewhere = schedules.create(engine, "clean", Schedule(every=HOUR), tenant="acme")

        assert [each.ref.id for each in engine.schedules.all_of("default") if each.is_live] == [
            "once",
            "third",
        ]
        assert [each.ref for each in engine.schedules.all_of("acme")] == [elsewhere.ref]


def test_what_the_code_declares_is_not_refused_for_there_are_too_many() -> None:
    declared = task("declared", schedule=Schedule(id="declared", every=HOUR))(clean.function)
    settings = {"WINDROW_SCHEDULES_PER_TENANT": "1"}
    with deploy(Registry([clean, declared]), settings=settings) as deployment:
        made(deployment.engine, cron="0 6 * * *")

        assert reconcile(deployment.engine).made == ("declared",)


def test_one_that_is_made_anew_is_told_from_the_removed_one(deployment: Deployment) -> None:
    """While somebody tells AWS of the removal, another is made and told: its clock stays."""
    engine = deployment.engine
    seen = made(engine, cron="0 6 * * *")
    schedules.remove(engine, seen.ref)
    removed = engine.schedules.read(seen.ref)
    assert removed is not None

    again = made(engine, cron="0 7 * * *")

    assert again.revision > removed.revision
    assert [name for _, name in deployment.services.scheduler.schedules] == ["s.default.s"]


def test_a_record_that_cannot_be_read_stands_in_nobodys_way(rings: Rings) -> None:
    engine = rings.deployment.engine
    reconcile(engine)
    made(engine, id="broken", cron="*/5 * * * *")
    made(engine, cron="*/5 * * * *")
    rings.lost = lambda fire: True
    broken = {"PK": {"S": "SCH#default"}, "SK": {"S": "S#broken"}}
    update = {
        "TableName": "TasksTable",
        "Key": broken,
        "UpdateExpression": "SET #overlap = :wrong",
        "ExpressionAttributeNames": {"#overlap": "overlap"},
        "ExpressionAttributeValues": {":wrong": {"S": "wrong"}},
    }
    rings.deployment.services.call("dynamodb", "UpdateItem", update)

    rings.pass_time(15 * MINUTE)

    assert started(rings)[0] == "2026-01-15T10:35:00Z"


def test_an_ended_schedule_can_be_changed_to_go_on(rings: Rings) -> None:
    engine = rings.deployment.engine
    seen = made(engine, at=datetime(2026, 1, 15, 11, tzinfo=UTC))
    rings.pass_time(HOUR)
    assert schedules.read(engine, seen.ref).standing is Standing.ENDED

    schedules.change(engine, seen.ref, {"at": datetime(2026, 1, 15, 12, tzinfo=UTC)})
    rings.pass_time(HOUR)

    assert started(rings) == ["2026-01-15T11:00:00Z", "2026-01-15T12:00:00Z"]


def test_it_can_be_started_at_once(rings: Rings) -> None:
    engine = rings.deployment.engine
    seen = made(engine, cron="0 6 * * *")

    run = schedules.run_now(engine, seen.ref)
    rings.deployment.pump()

    assert rings.deployment.task(run.task.ref.task).result == '"clean"'
    assert started(rings) == ["2026-01-15T10:30:00Z"]


def test_runs_stand_still_while_their_pool_drains_and_come_after_it(rings: Rings) -> None:
    engine = rings.deployment.engine
    made(engine, cron="0 * * * *")
    control.drain(engine, "default")
    rings.pass_time(HOUR)
    assert started(rings) == []

    control.resume(engine, "default")
    rings.pass_time(10 * MINUTE)

    assert started(rings) == ["2026-01-15T11:00:00Z"]


def test_a_run_waits_for_code_that_knows_its_task(rings: Rings) -> None:
    engine = rings.deployment.engine
    made(engine, cron="0 * * * *")
    rings.deployment.engine = replace(engine, registry=Registry([]))
    rings.pass_time(HOUR)
    unknown = rings.runs("s")

    rings.deployment.engine = engine
    rings.pass_time(10 * MINUTE)

    assert unknown == []
    assert started(rings) == ["2026-01-15T11:00:00Z"]


def test_a_run_whose_params_do_not_fit_any_more_is_refused(rings: Rings) -> None:
    @task("clean", params=Room)
    def other(context: Context, room: Room) -> None: ...

    engine = rings.deployment.engine
    seen = made(engine, cron="0 * * * *")
    rings.deployment.engine = replace(engine, registry=Registry([other]))
    rings.pass_time(HOUR)

    assert rings.runs("s") == [("2026-01-15T11:00:00Z", "refused")]
    (run,) = schedules.runs(engine, seen.ref, 5)
    assert run.reason is not None
    assert "number" in run.reason
