"""A fired schedule becomes one task."""

from collections.abc import Iterator

import pytest

from tests.harness import Deployment, deploy
from windrow import Context, Registry, task
from windrow.errors import UnknownTask
from windrow.lambdas.scheduler import fire
from windrow.model.states import State

FIRED = {"task": "tidy", "schedule": "daily", "scheduled_time": "2026-01-15T03:00:00Z"}


@task("tidy")
def tidy(context: Context) -> None: ...


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy(Registry([tidy])) as deployed:
        yield deployed


def test_a_fired_schedule_submits_its_task(deployment: Deployment) -> None:
    reply = fire(deployment.engine, FIRED)

    deployment.pump()

    assert reply["is_new"]
    assert deployment.task(reply["task"]).state is State.SUCCEEDED


def test_a_schedule_that_fires_twice_makes_one_task(deployment: Deployment) -> None:
    first = fire(deployment.engine, FIRED)
    deployment.pump()

    second = fire(deployment.engine, FIRED)

    assert second == {"task": first["task"], "is_new": False}
    assert deployment.pump() == 0


def test_the_next_planned_time_makes_another_task(deployment: Deployment) -> None:
    first = fire(deployment.engine, FIRED)

    second = fire(deployment.engine, {**FIRED, "scheduled_time": "2026-01-16T03:00:00Z"})

    assert second["is_new"]
    assert second["task"] != first["task"]


def test_a_schedule_of_an_unknown_task_fails_where_the_alarm_sees_it(
    deployment: Deployment,
) -> None:
    with pytest.raises(UnknownTask):
        fire(deployment.engine, {**FIRED, "task": "gone"})
