"""Keys: whoever submits the same key meets the same task, until its record expires."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel, Field

from tests.harness import Deployment, deploy
from tests.simulated.deployment import Asked
from tests.simulated.deployment import Deployment as Simulated
from tests.simulated.time import SECOND as MILLISECONDS
from tests.simulated.world import World as SimulatedWorld
from windrow import Context, Registry, task
from windrow.aws.errors import Unavailable
from windrow.engine.compose import submit_chain, submit_group
from windrow.engine.control import drain
from windrow.engine.submit import Submission, submit
from windrow.errors import Draining, KeyReused
from windrow.model.draft import Draft
from windrow.model.states import State
from windrow.store.aliases import Aliases

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


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"delay": 61 * SECOND},
        {"delay": 60 * SECOND, "priority": 9},
        {"at": datetime(2026, 2, 1, tzinfo=UTC)},
        {"delay": 60 * SECOND, "unique": "one"},
    ],
)
def test_the_same_key_with_other_options_is_refused(
    deployment: Deployment, options: dict[str, Any]
) -> None:
    submit(deployment.engine, "order", key="k", delay=60 * SECOND)

    with pytest.raises(KeyReused, match="other params or options"):
        submit(deployment.engine, "order", key="k", **options)


def test_the_same_instant_in_another_time_zone_is_no_other_option(deployment: Deployment) -> None:
    at = datetime(2026, 2, 1, 12, tzinfo=UTC)
    first = submit(deployment.engine, "order", key="k", at=at, priority=9)

    there = at.astimezone(timezone(timedelta(hours=2)))
    again = submit(deployment.engine, "order", key="k", at=there, priority=9)

    assert again.is_replay
    assert again.task.ref == first.task.ref


def test_options_that_were_kept_nowhere_are_not_compared(deployment: Deployment) -> None:
    """As of a task that an older version has stored."""
    stored = submit(deployment.engine, "order", key="k", delay=60 * SECOND).task
    said = (stored.said or "").partition(".")[0]
    deployment.engine.records.write(stored, replace(stored, said=said))

    assert submit(deployment.engine, "order", key="k", priority=9).is_replay


@pytest.mark.parametrize("verb", [submit_group, submit_chain])
def test_the_options_of_a_group_and_a_chain_are_compared_too(
    deployment: Deployment, verb: Callable[..., Submission]
) -> None:
    drafts = [Draft("order")]
    verb(deployment.engine, drafts, key="k", delay=60 * SECOND)

    assert verb(deployment.engine, drafts, key="k", delay=60 * SECOND).is_replay
    with pytest.raises(KeyReused):
        verb(deployment.engine, drafts, key="k")


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


def test_a_key_that_met_another_task_meets_it_again_when_that_has_ended(
    deployment: Deployment,
) -> None:
    holder = ordered(deployment, {"a": 1}, unique="the one").task.ref
    first = ordered(deployment, {"a": 2}, key="one", unique="the one")
    deployment.pump()

    again = ordered(deployment, {"a": 2}, key="one", unique="the one")

    assert (first.task.ref, first.is_new, first.is_replay, first.is_met) == (
        holder, False, False, True
    )  # fmt: skip
    assert (again.task.ref, again.is_new, again.is_replay, again.is_met) == (
        holder, False, True, True
    )  # fmt: skip
    assert again.task.state is State.SUCCEEDED
    assert deployment.hints.messages == [], "nothing was started again"


@pytest.mark.parametrize("has_ended", [False, True])
def test_a_key_that_met_another_task_is_refused_for_anything_else(
    deployment: Deployment, has_ended: bool
) -> None:
    ordered(deployment, {"a": 1}, unique="the one")
    ordered(deployment, {"a": 2}, key="one", unique="the one")
    if has_ended:
        deployment.pump()

    for unique in ("the one", "the other", None):
        with pytest.raises(KeyReused):
            ordered(deployment, {"a": 1}, key="one", unique=unique)
        with pytest.raises(KeyReused):
            submit(deployment.engine, "other", {"lines": {"a": 2}}, key="one", unique=unique)


def test_a_key_that_met_another_task_is_answered_while_its_pool_drains(
    deployment: Deployment,
) -> None:
    ordered(deployment, {"a": 1}, unique="the one")
    met = ordered(deployment, {"a": 2}, key="one", unique="the one")
    drain(deployment.engine)

    again = ordered(deployment, {"a": 2}, key="one", unique="the one")

    assert (again.task.ref, again.is_replay) == (met.task.ref, True)


@pytest.mark.parametrize("unique", ["the one", None])
def test_a_key_may_be_used_anew_when_the_task_that_it_met_has_expired(
    deployment: Deployment, unique: str | None
) -> None:
    ordered(deployment, {"a": 1}, key="another", unique="the one")
    ordered(deployment, {"a": 2}, key="one", unique="the one")
    deployment.pump()
    deployment.clock.advance(deployment.engine.retention + SECOND)

    # The id of the task that it met lives a second time.
    assert ordered(deployment, {"a": 4}, key="another").is_new
    anew = ordered(deployment, {"a": 3}, key="one", unique=unique)

    assert anew.is_new
    assert ordered(deployment, {"a": 3}, key="one", unique=unique).task.ref == anew.task.ref


def test_a_key_that_met_one_task_after_another_leads_to_the_last(deployment: Deployment) -> None:
    for lines in ({"a": 1}, {"a": 2}):
        holder = ordered(deployment, {}, unique="the one").task.ref
        assert ordered(deployment, lines, key="one", unique="the one").task.ref == holder
        deployment.pump()
        again = ordered(deployment, lines, key="one", unique="the one")
        assert (again.task.ref, again.is_replay) == (holder, True)
        deployment.clock.advance(deployment.engine.retention + SECOND)


@pytest.mark.parametrize("effect", ["answer lost", "answer never came"])
def test_a_key_that_met_another_task_leads_there_though_the_answer_is_lost(
    deployment: Deployment, effect: str
) -> None:
    holder = ordered(deployment, {"a": 1}, unique="the one").task.ref
    deployment.port.plan(effect, "TransactWriteItems", skip=1)

    with suppress(Unavailable):
        assert ordered(deployment, {}, key="one", unique="the one").task.ref == holder

    deployment.pump()
    assert ordered(deployment, {}, key="one", unique="the one").task.ref == holder


def test_a_key_leads_nowhere_else_when_it_has_made_a_task_of_its_own_meanwhile(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One caller meets the holder; before that is written, it ends, and another caller asks."""
    ordered(deployment, {"a": 1}, unique="the one")
    put, others = Aliases.put, list[Submission]()

    def late(self: Aliases, *seen: Any) -> dict[str, Any]:
        if not others:
            deployment.pump()
            others.append(ordered(deployment, {}, key="one", unique="the one"))
        return put(self, *seen)

    monkeypatch.setattr(Aliases, "put", late)
    met = ordered(deployment, {}, key="one", unique="the one")

    assert others[0].is_new
    assert (met.task.ref, met.is_replay) == (others[0].task.ref, True)


@pytest.mark.parametrize("seed", range(6))
def test_twenty_callers_of_one_key_meet_one_task_while_the_holder_of_its_unique_key_ends(
    seed: int,
) -> None:
    with SimulatedWorld(seed) as world:
        deployment = Simulated(world, Registry([order]))
        deployment.schedule.missed = 1  # A sweep a minute would take longer than all the rest.
        answers: list[Submission] = []

        def told(asked: Asked, answer: Any) -> None:
            if asked.key is not None:
                answers.append(answer)

        deployment.told.append(told)
        deployment.submit("order", unique="the one")
        ask = partial(deployment.submit, "order", key="one", unique="the one")
        for caller in range(20):
            world.after(caller * 10, ask)
        world.run(10 * MILLISECONDS)

        assert deployment.refused == []
        assert len(answers) == 20
        assert len({each.task.ref for each in answers}) == 1
        assert [each.is_new for each in answers].count(True) <= 1


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
