"""What is late is complained of: after faults, and by the bound of a task's own policy."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.simulated.deployment import Deployment
from tests.simulated.judge import complaints
from tests.simulated.liveness import longest
from tests.simulated.outside import Outside
from tests.simulated.scenario import registry
from tests.simulated.time import HOUR, MINUTE
from tests.simulated.world import World
from windrow.aws.dynamodb import encoded, expression
from windrow.model.ref import Ref
from windrow.model.retry import RetryPolicy
from windrow.store.keys import key, lock_key, milliseconds


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    """A deployment in fair weather, with a task and a map that have ended."""
    with World(1) as world:
        deployment = Deployment(world, registry(Outside()))
        deployment.calm()
        deployment.submit("plain")
        deployment.submit("numbers")
        world.run(5 * MINUTE)
        yield deployment


def write(deployment: Deployment, item: dict[str, str], **values: Any) -> None:
    """Write some attributes of an item; nobody watches."""
    update = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
    parameters = {
        "TableName": "TasksTable",
        "Key": encoded(item),
        **expression(update=update, values=values),
    }
    deployment.world.services.call("dynamodb", "UpdateItem", parameters)


def first(deployment: Deployment) -> Ref:
    """The plain task."""
    return deployment.accepted[0].task.ref


def test_fair_weather_is_not_complained_of(deployment: Deployment) -> None:
    assert complaints(deployment) == []


def test_a_task_that_takes_longer_than_its_policy_allows_is_late(deployment: Deployment) -> None:
    task = deployment.accepted[0].task
    ended = task.deadline + timedelta(hours=1)
    write(deployment, key(first(deployment)), ended=milliseconds(ended))

    assert longest(deployment.registry.get("plain")) < timedelta(hours=2)
    assert [line[:4] for line in complaints(deployment)] == ["L1: "]


def test_a_retry_that_waits_far_too_long_is_late(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RetryPolicy, "delay", lambda *_args, **_options: timedelta(hours=2))
    deployment.submit("flaky")
    deployment.world.run(MINUTE)

    deployment.run_until_quiet(3 * HOUR)

    assert [line[:4] for line in complaints(deployment)] == ["L1: "]


def test_a_deadline_that_nobody_sees_is_late(deployment: Deployment) -> None:
    task = deployment.accepted[0].task
    created = task.deadline - timedelta(minutes=10)
    deployment.accepted[0] = replace(deployment.accepted[0], task=replace(task, not_before=created))
    write(deployment, key(task.ref), ended=milliseconds(task.deadline + timedelta(minutes=10)))

    assert [line[:4] for line in complaints(deployment)] == ["L1: "]


def test_a_sweeper_that_does_not_come_is_noticed(deployment: Deployment) -> None:
    deployment.schedule.missed = 1
    write(deployment, key(first(deployment)), due_shard="D#0", due_at="1768473060000#X")

    deployment.run_until_quiet(10 * MINUTE)

    assert any(line.startswith("L3: ") for line in complaints(deployment))


def test_a_key_that_points_at_what_is_over_can_be_taken(deployment: Deployment) -> None:
    numbers = deployment.accepted[1].task
    deployment.submit("numbers")
    deployment.world.run(HOUR)

    write(deployment, lock_key("default", "numbers"), holder=numbers.ref.task)

    assert complaints(deployment) == []


def test_a_cancelled_task_that_runs_on_is_late(deployment: Deployment) -> None:
    task = deployment.engine.records.task(first(deployment))
    assert task is not None
    asked = milliseconds(task.created)
    ended = asked + 3 * MINUTE
    write(deployment, key(task.ref), cancel_requested=asked, ended=ended)

    assert [line[:4] for line in complaints(deployment)] == ["L5: "]
