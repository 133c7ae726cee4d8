"""One fault at every call of a schedule's life: each planned time starts one task all the same."""

from contextlib import suppress
from datetime import timedelta

import pytest

from tests.faults import Killed
from tests.harness import deploy
from tests.rings import Rings
from windrow import Context, Registry, Schedule, task
from windrow.aws.errors import Unavailable
from windrow.engine import schedules
from windrow.model.ref import ScheduleRef
from windrow.model.scheduled import Standing
from windrow.store.timers import name

EFFECTS = ("refused", "killed before", "killed after", "answer lost", "answer never came")
MINUTE = timedelta(minutes=1)
REF = ScheduleRef("default", "s")
# Every call of making one, of a fire that starts a run, and of a pause.
MAKING, FIRING, PAUSING = 12, 14, 10


@task("clean")
def clean(context: Context) -> None: ...


@pytest.mark.parametrize("overlap", ["skip", "queue", "allow"])
@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("call", range(FIRING))
def test_a_fire_survives_one_fault_at_any_call(effect: str, call: int, overlap: str) -> None:
    with deploy(Registry([clean])) as deployment:
        rings = Rings(deployment)
        engine = deployment.engine
        schedules.create(engine, "clean", Schedule(id="s", cron="*/10 * * * *", overlap=overlap))
        (fire,) = deployment.services.scheduler.fires(
            deployment.clock.now(), deployment.clock.now() + 10 * MINUTE
        )
        deployment.clock.advance(10 * MINUTE)
        deployment.port.plan(effect, "", skip=call)

        # EventBridge fires again when its target has failed; here it has given up.
        with suppress(Killed, Unavailable):
            rings.ring(fire)
        deployment.port.faults.clear()
        deployment.hints.lose()
        rings.pass_time(21 * MINUTE)

        started = [planned for planned, outcome in rings.runs("s") if outcome == "started"]
        assert started == [f"2026-01-15T{time}:00Z" for time in ("10:40", "10:50", "11:00")]
        assert len({each.ref for each in rings.tasks("s")}) == 3


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("call", range(MAKING))
def test_making_one_survives_one_fault_at_any_call(effect: str, call: int) -> None:
    """It is refused and leaves nothing, or it is there and starts tasks."""
    with deploy(Registry([clean])) as deployment:
        rings = Rings(deployment)
        deployment.port.plan(effect, "", skip=call)

        with suppress(Killed, Unavailable):
            schedules.create(deployment.engine, "clean", Schedule(id="s", cron="*/10 * * * *"))
        deployment.port.faults.clear()
        rings.pass_time(30 * MINUTE)

        seen = deployment.engine.schedules.read(REF)
        clocks = deployment.services.scheduler.schedules
        if seen is None:
            assert clocks == {}
            return
        assert seen.is_synced
        assert [called for _, called in clocks] == [name(REF)]
        assert [planned for planned, _ in rings.runs("s")] == [
            f"2026-01-15T{time}:00Z" for time in ("10:40", "10:50", "11:00")
        ]


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("call", range(PAUSING))
def test_a_pause_survives_one_fault_at_any_call(effect: str, call: int) -> None:
    """What was not told of it still starts nothing, and is told."""
    with deploy(Registry([clean])) as deployment:
        rings = Rings(deployment)
        schedules.create(deployment.engine, "clean", Schedule(id="s", cron="*/10 * * * *"))
        deployment.port.plan(effect, "", skip=call)

        with suppress(Killed, Unavailable):
            schedules.pause(deployment.engine, REF)
        deployment.port.faults.clear()
        rings.pass_time(20 * MINUTE)

        seen = schedules.read(deployment.engine, REF)
        (said,) = deployment.services.scheduler.schedules.values()
        assert seen.is_synced
        if seen.standing is Standing.PAUSED:
            assert rings.runs("s") == []
            assert said["State"] == "DISABLED"
        else:
            assert len(rings.runs("s")) == 2
            assert said["State"] == "ENABLED"


def test_every_call_is_covered() -> None:
    with deploy(Registry([clean])) as deployment:
        calls = deployment.port.calls
        schedules.create(deployment.engine, "clean", Schedule(id="s", cron="*/10 * * * *"))
        made = len(calls)
        schedules.pause(deployment.engine, REF)
        paused = len(calls) - made

        assert (made <= MAKING, paused <= PAUSING) == (True, True)


def test_a_clock_without_a_schedule_is_stopped_when_it_rings() -> None:
    with deploy(Registry([clean])) as deployment:
        seen = schedules.create(deployment.engine, "clean", Schedule(id="s", cron="*/10 * * * *"))
        deployment.port.plan("refused", "DeleteSchedule", times=99)
        schedules.remove(deployment.engine, seen.ref)
        deployment.port.faults.clear()
        # The record is gone altogether, and nothing but the clock is left.
        key = {"PK": {"S": "SCH#default"}, "SK": {"S": "S#s"}}
        deployment.services.call("dynamodb", "DeleteItem", {"TableName": "TasksTable", "Key": key})

        Rings(deployment, ticks=False).pass_time(10 * MINUTE)

        assert deployment.services.scheduler.schedules == {}
