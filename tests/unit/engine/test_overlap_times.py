"""A planned time is judged when it has come: however late, early or often anybody looks."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.harness import Deployment, deploy
from tests.rings import Rings
from windrow import Context, Registry, Retry, Schedule, task
from windrow.engine import schedules
from windrow.engine.look import look
from windrow.model.ref import ScheduleRef

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
REF = ScheduleRef("default", "s")
BEGIN = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


@task("short")
def short(context: Context) -> str:
    return "done"


@task("seven")
def seven(context: Context) -> str:
    """Lives for seven seconds."""
    if context.attempt == 1:
        raise Retry(after=7 * SECOND)
    return "done"


@pytest.fixture
def rings() -> Iterator[Rings]:
    with deploy(Registry([short, seven])) as made:
        yield Rings(made)


def on_time(rings: Rings) -> None:
    rings.pass_time(11 * MINUTE, step=SECOND)


def late(rings: Rings) -> None:
    """Looks come up to six seconds after what was planned."""
    rings.pass_time(11 * MINUTE, step=7 * SECOND)


def early(rings: Rings) -> None:
    """Somebody looks every second and a half as well, so up to five seconds before its time."""
    for _ in range(440):
        look(rings.deployment.engine, REF)
        rings.pass_time(1.5 * SECOND, step=1.5 * SECOND)


@pytest.mark.parametrize("looks", [on_time, late, early])
@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
def test_every_ten_seconds_for_ten_minutes_are_sixty_runs_however_anybody_looks(
    rings: Rings, overlap: str, looks: Callable[[Rings], None]
) -> None:
    made(rings.deployment, overlap, every=10 * SECOND, lasting=10 * MINUTE)

    looks(rings)

    assert outcomes(rings) == ["started"] * 60
    tasks = rings.tasks("s")
    assert [each.result for each in tasks] == ['"done"'] * 60
    planned = [BEGIN + number * 10 * SECOND for number in range(60)]
    starts = [each.started for each in tasks if each.started is not None]
    assert all(each >= due for each, due in zip(starts, planned, strict=True))


@pytest.mark.parametrize("every", [2, 5])
@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
def test_times_that_lie_close_together_are_each_judged_by_themselves(
    rings: Rings, overlap: str, every: int
) -> None:
    made(rings.deployment, overlap, every=every * SECOND, lasting=MINUTE)

    rings.pass_time(2 * MINUTE, step=SECOND)

    assert outcomes(rings) == ["started"] * (60 // every)


def test_a_run_that_lives_is_not_in_the_way_of_a_time_that_has_not_come(rings: Rings) -> None:
    made(rings.deployment, "skip", "seven", every=10 * SECOND, lasting=MINUTE)

    for _ in range(80):
        rings.pass_time(SECOND, step=SECOND)
        look(rings.deployment.engine, REF)

    assert outcomes(rings) == ["started"] * 6


def test_a_look_before_its_time_has_somebody_look_again_when_it_has_come(rings: Rings) -> None:
    made(rings.deployment, "replace", "seven", every=5 * SECOND, lasting=8 * SECOND)
    hints = rings.deployment.hints
    rings.pass_time(4 * SECOND, step=SECOND)
    # Only that look is left: neither the alarm of the second time comes, nor anybody else.
    hints.messages[:] = [each for each in hints.messages if "schedule" not in each.body]

    look(rings.deployment.engine, REF)
    rings.pass_time(SECOND, step=SECOND)

    assert outcomes(rings) == ["started", "started"]


def made(deployment: Deployment, overlap: str, name: str = "short", **timing: Any) -> None:
    schedules.create(deployment.engine, name, Schedule(id="s", overlap=overlap, **timing))


def outcomes(rings: Rings) -> list[str]:
    return [outcome for _, outcome in rings.runs("s")]
