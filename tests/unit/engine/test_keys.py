"""Keys: whoever submits the same key meets the same task, until its record expires."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel

from tests.harness import Deployment, deploy
from tests.simulated.deployment import Deployment as Simulated
from tests.simulated.time import SECOND as MILLISECONDS
from tests.simulated.world import World as SimulatedWorld
from windrow import Context, Registry, task
from windrow.engine.submit import Submission, submit
from windrow.errors import KeyReused
from windrow.model.states import State

SECOND = timedelta(seconds=1)


class Order(BaseModel):
    """What is ordered."""

    lines: dict[str, int] = {}


@task("order", params=Order)
def order(context: Context, params: Order) -> int:
    return sum(params.lines.values())


@task("other", params=Order)
def other(context: Context, params: Order) -> int:
    return 0


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy(Registry([order, other])) as deployed:
        yield deployed


def ordered(deployment: Deployment, lines: dict[str, int], **options: Any) -> Submission:
    return submit(deployment.engine, "order", {"lines": lines}, **options)


def test_the_order_of_names_in_the_params_says_nothing(deployment: Deployment) -> None:
    first = ordered(deployment, {"a": 1, "b": 2}, key="one")

    second = ordered(deployment, {"b": 2, "a": 1}, key="one")

    assert second.task.ref == first.task.ref
    assert not second.is_new


def test_params_that_are_the_defaults_may_be_left_out(deployment: Deployment) -> None:
    first = ordered(deployment, {}, key="one")

    assert submit(deployment.engine, "order", key="one").task.ref == first.task.ref


def test_the_options_of_a_second_submission_change_nothing(deployment: Deployment) -> None:
    first = ordered(deployment, {}, key="one")

    second = ordered(deployment, {}, key="one", delay=SECOND, priority=9)

    assert second.task == first.task


def test_the_same_key_for_another_task_is_refused(deployment: Deployment) -> None:
    ordered(deployment, {}, key="one")

    with pytest.raises(KeyReused):
        submit(deployment.engine, "other", key="one")


def test_tenants_do_not_share_their_keys(deployment: Deployment) -> None:
    ordered(deployment, {"a": 1}, key="one", tenant="first")

    assert ordered(deployment, {"a": 2}, key="one", tenant="second").is_new


def test_a_key_outlives_its_tasks_end(deployment: Deployment) -> None:
    first = ordered(deployment, {"a": 1}, key="one")
    deployment.pump()

    second = ordered(deployment, {"a": 1}, key="one")

    assert not second.is_new
    assert second.task.ref == first.task.ref
    assert second.task.state is State.SUCCEEDED


@pytest.mark.parametrize("unique", [None, "the one"])
def test_a_key_whose_record_has_expired_may_be_used_anew(
    deployment: Deployment, unique: str | None
) -> None:
    first = ordered(deployment, {"a": 1}, key="one", unique=unique)
    deployment.pump()
    deployment.clock.advance(deployment.engine.retention + SECOND)

    second = ordered(deployment, {"a": 2}, key="one", unique=unique)
    deployment.pump()

    ended = deployment.task(second.task.ref.task)
    assert second.is_new
    assert second.task.ref == first.task.ref
    assert (ended.state, ended.result) == (State.SUCCEEDED, "2")


@pytest.mark.parametrize("unique", [None, "the one"])
@pytest.mark.parametrize("effect", ["answer lost", "answer never came"])
def test_a_key_is_used_anew_once_though_the_answer_is_lost(
    deployment: Deployment, unique: str | None, effect: str
) -> None:
    ordered(deployment, {"a": 1}, key="one", unique=unique)
    deployment.pump()
    deployment.clock.advance(deployment.engine.retention + SECOND)
    deployment.port.plan(effect, "TransactWriteItems" if unique else "PutItem", skip=1)

    second = ordered(deployment, {"a": 2}, key="one", unique=unique)

    assert second.is_new
    assert not ordered(deployment, {"a": 2}, key="one", unique=unique).is_new


def test_a_key_that_meets_another_task_of_its_unique_key_is_no_mistake(
    deployment: Deployment,
) -> None:
    holder = ordered(deployment, {"a": 1}, unique="the one")

    met = ordered(deployment, {"a": 2}, key="one", unique="the one")

    assert met.task.ref == holder.task.ref


@pytest.mark.parametrize("has_expired", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_twenty_callers_of_one_key_make_one_task(seed: int, has_expired: bool) -> None:
    with SimulatedWorld(seed) as world:
        deployment = Simulated(world, Registry([order]))
        deployment.schedule.missed = 1  # A sweep a minute would take longer than all the rest.
        if has_expired:
            deployment.submit("order", key="one")
            world.run(10 * MILLISECONDS)
            deployment.accepted.clear()
            lifetime = deployment.engine.retention.total_seconds()
            # The table's TTL is late; nobody comes meanwhile.
            world.time.now += int(lifetime * 1000) + 20 * MILLISECONDS
        for caller in range(20):
            world.after(caller % 4, partial(deployment.submit, "order", key="one"))
        world.run(10 * MILLISECONDS)

        assert deployment.refused == []
        assert [each.is_new for each in deployment.accepted].count(True) == 1
        assert len(deployment.accepted) == 20
        assert len({each.task.owner for each in deployment.accepted if each.is_new}) == 1
        assert deployment.telemetry.verbs["task.claimed"] == 1 + has_expired
