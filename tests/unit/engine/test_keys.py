"""Keys: whoever submits the same key meets the same task, until its record expires."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel, Field

from tests.harness import Deployment, deploy
from tests.simulated.deployment import Deployment as Simulated
from tests.simulated.time import SECOND as MILLISECONDS
from tests.simulated.world import World as SimulatedWorld
from windrow import Context, Registry, task
from windrow.engine.control import drain
from windrow.engine.submit import Submission, submit
from windrow.errors import Draining, KeyReused
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


def test_a_default_that_is_another_one_each_time_makes_no_other_params() -> None:
    class Note(BaseModel):
        text: str
        number: str = Field(default_factory=lambda: uuid4().hex)

    @task("note", params=Note)
    def note(context: Context, params: Note) -> None: ...

    with deploy(Registry([note])) as deployment:
        for text in ("short", "x" * 200_000):
            sent = {"text": text}
            first = submit(deployment.engine, "note", sent, key=text[:9])

            assert submit(deployment.engine, "note", sent, key=text[:9]).task == first.task
            with pytest.raises(KeyReused):
                submit(deployment.engine, "note", {"text": "other"}, key=text[:9])


def test_a_default_that_is_new_with_a_deployment_makes_no_other_params() -> None:
    class Before(BaseModel):
        text: str

    class After(Before):
        language: str = "en"

    with deploy(Registry([order])) as deployment:
        for model in (Before, After):
            changed = task("note", params=model)(lambda context, params: None)
            engine = replace(deployment.engine, registry=Registry([changed]))

            submit(engine, "note", {"text": "short"}, key="one")


def test_a_key_is_answered_while_its_pool_drains(deployment: Deployment) -> None:
    first = ordered(deployment, {"a": 1}, key="one")
    drain(deployment.engine)

    again = ordered(deployment, {"a": 1}, key="one")

    assert (again.task.ref, again.is_new, again.is_replay) == (first.task.ref, False, True)
    with pytest.raises(KeyReused):
        ordered(deployment, {"a": 2}, key="one")
    for key in ("two", None):
        with pytest.raises(Draining):
            ordered(deployment, {"a": 1}, key=key)


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
