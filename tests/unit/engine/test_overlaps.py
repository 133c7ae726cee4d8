"""What becomes of a planned run while the one before it has not ended."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.faults import Killed
from tests.harness import Deployment, deploy
from tests.rings import Rings
from windrow import Context, Registry, Retry, Schedule, task
from windrow.engine import schedules
from windrow.engine.look import look
from windrow.engine.submit import submit
from windrow.model.ref import ScheduleRef
from windrow.model.scheduled import Scheduled
from windrow.model.states import State

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

# How often the task puts itself off: so it is live for as many times twenty-five minutes.
TURNS = 2


@task("long")
def long(context: Context) -> str:
    if context.attempt <= TURNS:
        raise Retry(after=timedelta(minutes=25))
    return "done"


@task("mine", unique="mine")
def mine(context: Context) -> None:
    if context.attempt <= TURNS:
        raise Retry(after=timedelta(minutes=25))


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy(Registry([long, mine])) as made:
        yield made


@pytest.fixture
def rings(deployment: Deployment) -> Rings:
    return Rings(deployment)


def made(deployment: Deployment, overlap: str, name: str = "long") -> Scheduled:
    """A run every half hour, each of which takes fifty minutes, from 10:30 to before 12:30."""
    return schedules.create(
        deployment.engine,
        name,
        Schedule(
            id="s",
            every=30 * MINUTE,
            lasting=2 * HOUR,
            overlap=overlap,
        ),
    )


def sides(rings: Rings) -> list[tuple[str, str]]:
    """When each run was started and ended, to the minute."""
    tasks = rings.tasks("s")
    return [(f"{each.started:%H:%M}", f"{each.ended:%H:%M}") for each in tasks]


def test_a_run_is_skipped_while_the_former_one_lives(rings: Rings) -> None:
    made(rings.deployment, "skip")

    rings.pass_time(4 * HOUR)

    assert rings.runs("s") == [
        ("2026-01-15T10:30:00Z", "started"),
        ("2026-01-15T11:00:00Z", "skipped"),
        ("2026-01-15T11:30:00Z", "started"),
        ("2026-01-15T12:00:00Z", "skipped"),
    ]
    assert [each.state for each in rings.tasks("s")] == [State.SUCCEEDED] * 2


def test_runs_wait_for_the_former_one_in_order(rings: Rings) -> None:
    made(rings.deployment, "queue")

    rings.pass_time(6 * HOUR)

    assert [outcome for _, outcome in rings.runs("s")] == ["started"] * 4
    ends = sides(rings)
    assert [each.state for each in rings.tasks("s")] == [State.SUCCEEDED] * 4
    # The end of one starts the next at once, and no tick has to come.
    assert [begun for begun, _ in ends[1:]] == [ended for _, ended in ends[:-1]]


def test_a_run_takes_the_place_of_the_former_one(rings: Rings) -> None:
    made(rings.deployment, "replace")

    rings.pass_time(6 * HOUR)

    assert [outcome for _, outcome in rings.runs("s")] == ["started"] * 4
    assert [each.state for each in rings.tasks("s")] == [
        State.CANCELLED,
        State.CANCELLED,
        State.CANCELLED,
        State.SUCCEEDED,
    ]


def test_runs_may_overlap_where_that_is_allowed(rings: Rings) -> None:
    made(rings.deployment, "allow")
    rings.deployment.pump()

    rings.pass_time(4 * HOUR)

    assert [begun for begun, _ in sides(rings)] == ["10:30", "11:00", "11:30", "12:00"]


@pytest.mark.parametrize("overlap", ["queue", "replace"])
def test_a_word_that_was_lost_costs_the_next_run_minutes(rings: Rings, overlap: str) -> None:
    made(rings.deployment, overlap)

    for _ in range(5 * 60):
        rings.pass_time(MINUTE)
        # No hint of a schedule arrives: only the ticks are left.
        hints = rings.deployment.hints
        hints.messages[:] = [each for each in hints.messages if "schedule" not in each.body]

    assert [outcome for _, outcome in rings.runs("s")] == ["started"] * 4
    assert {each.state.is_over for each in rings.tasks("s")} == {True}


@pytest.mark.parametrize("call", range(6))
def test_no_crash_of_a_look_loses_a_time_that_it_left_out(rings: Rings, call: int) -> None:
    made(rings.deployment, "skip")
    rings.pass_time(29 * MINUTE)
    rings.deployment.clock.advance(MINUTE)

    rings.deployment.port.plan("killed after", "", skip=call)
    with suppress(Killed):
        look(rings.deployment.engine, ScheduleRef("default", "s"))
    rings.deployment.port.faults.clear()
    rings.pass_time(10 * MINUTE)

    assert ("2026-01-15T11:00:00Z", "skipped") in rings.runs("s")


def test_several_lates_at_once_are_replaced_by_the_last(rings: Rings) -> None:
    made(rings.deployment, "replace")
    rings.lost, rings.ticks = (lambda fire: True), False
    rings.pass_time(100 * MINUTE)
    rings.lost, rings.ticks = (lambda fire: False), True

    rings.pass_time(2 * HOUR)

    assert rings.runs("s") == [
        ("2026-01-15T10:30:00Z", "started"),
        # The end of the first one had somebody look, at 11:20.
        ("2026-01-15T11:00:00Z", "started"),
        ("2026-01-15T11:30:00Z", "skipped"),
        ("2026-01-15T12:00:00Z", "started"),
    ]
    assert schedules.runs(rings.deployment.engine, ScheduleRef("default", "s"), 5)[1].reason


@pytest.mark.parametrize("overlap", ["skip", "queue", "replace", "allow"])
def test_a_run_whose_own_unique_key_is_held_is_skipped(rings: Rings, overlap: str) -> None:
    submit(rings.deployment.engine, "mine")

    made(rings.deployment, overlap, "mine")
    rings.pass_time(HOUR - MINUTE)

    assert [outcome for _, outcome in rings.runs("s")][:1] == ["skipped"]


def test_a_queue_goes_on_when_a_pause_is_over(rings: Rings) -> None:
    seen = made(rings.deployment, "queue")
    rings.pass_time(35 * MINUTE)

    schedules.pause(rings.deployment.engine, seen.ref)
    rings.pass_time(HOUR)
    in_pause = len(rings.tasks("s"))
    schedules.resume(rings.deployment.engine, seen.ref)
    rings.pass_time(MINUTE)

    assert in_pause == 1
    assert [planned for planned, _ in rings.runs("s")] == [
        "2026-01-15T10:30:00Z",
        "2026-01-15T11:00:00Z",
    ]


def test_each_ends_before_the_next_begins_with_any_fires(rings: Rings) -> None:
    made(rings.deployment, "queue")
    rings.copies = 3

    for late in (0, 50, 7, 59, 0, 31):
        rings.late = timedelta(seconds=late)
        rings.pass_time(HOUR, step=29 * SECOND)

    tasks = rings.tasks("s")
    assert len(tasks) == len({each.ref for each in tasks}) == 4
    for former, after in pairwise(tasks):
        assert former.ended is not None
        assert after.started is not None
        assert former.ended <= after.started
