"""Chains: each task begins when the one before it has succeeded, and may use what that came to."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.composed import Done, registry
from tests.harness import Deployment, deploy
from windrow.engine.cancel import cancel
from windrow.engine.compose import submit_chain
from windrow.engine.retry_again import retry_again
from windrow.errors import InvalidOption, NothingToRetry, Refused
from windrow.model.draft import Draft
from windrow.model.records import Progress, Task
from windrow.model.ref import Ref
from windrow.model.states import State

MINUTE = timedelta(minutes=1)
DOUBLE_AND_TWO_MORE = [Draft("double", {"number": 5}), Draft("add one"), Draft("add one")]


@pytest.fixture
def done() -> Done:
    return Done()


@pytest.fixture
def deployment(done: Done) -> Iterator[Deployment]:
    with deploy(registry(done)) as deployed:
        yield deployed


def steps(deployment: Deployment, chain: Ref) -> list[Task]:
    rows = deployment.engine.tasks.children.all(deployment.task(chain.task))
    return [deployment.task(row.ref.task) for row in rows]


def test_each_step_is_told_what_the_one_before_it_came_to(
    deployment: Deployment, done: Done
) -> None:
    chain = submit_chain(deployment.engine, DOUBLE_AND_TWO_MORE).task.ref

    deployment.pump()

    task = deployment.task(chain.task)
    assert task.state is State.SUCCEEDED
    assert task.progress == Progress(3, 3)
    assert task.result == "12"
    assert done.started == [5, 10, 11]


def test_a_step_is_begun_when_the_one_before_it_has_ended(
    deployment: Deployment, done: Done
) -> None:
    chain = submit_chain(deployment.engine, DOUBLE_AND_TWO_MORE).task.ref

    deployment.deliver()

    assert [step.name for step in steps(deployment, chain)] == ["double"]


def test_a_chain_shows_how_many_of_its_steps_have_ended(deployment: Deployment) -> None:
    chain = submit_chain(deployment.engine, [*DOUBLE_AND_TWO_MORE, Draft("add one")]).task.ref

    while deployment.task(chain.task).children < 4:
        deployment.deliver()

    assert deployment.task(chain.task).progress == Progress(4, 3)


def test_a_field_of_the_params_may_take_the_result(deployment: Deployment, done: Done) -> None:
    drafts = [Draft("double", {"number": 5}), Draft("double", into="number")]

    chain = submit_chain(deployment.engine, drafts, callback=Draft("tell")).task.ref
    deployment.pump()

    assert deployment.task(chain.task).result == "20"
    assert [told["result"] for told in done.told] == [20]


def test_a_large_result_is_handed_on_by_its_object(deployment: Deployment) -> None:
    drafts = [Draft("long words", {"number": 20_000}), Draft("count words")]

    chain = submit_chain(deployment.engine, drafts).task.ref
    deployment.pump()

    assert steps(deployment, chain)[0].result_object is not None
    assert deployment.task(chain.task).result == "20000"


def test_a_large_last_result_is_the_chains_own(deployment: Deployment) -> None:
    chain = submit_chain(deployment.engine, [Draft("long words", {"number": 20_000})]).task.ref

    deployment.pump()

    task = deployment.task(chain.task)
    assert task.result_object == steps(deployment, chain)[0].result_object
    assert task.result_expires is not None


def test_a_step_that_fails_ends_the_chain_with_its_reason(
    deployment: Deployment, done: Done
) -> None:
    done.bad = {10}

    chain = submit_chain(deployment.engine, DOUBLE_AND_TWO_MORE, callback=Draft("tell")).task.ref
    deployment.pump()

    task = deployment.task(chain.task)
    assert task.state is State.FAILED
    assert task.error is not None
    assert task.error.kind == "StepFailed"
    assert "Step 2 of 3 (add one, " in task.error.message
    assert "Bad: 10 is bad" in task.error.message
    assert task.progress == Progress(3, 1, 1, 1)
    assert [told["state"] for told in done.told] == ["failed"]


def test_a_result_that_does_not_fit_fails_the_step_that_it_is_for(deployment: Deployment) -> None:
    drafts = [Draft("long words", {"number": 1}), Draft("double", into="number")]

    chain = submit_chain(deployment.engine, drafts).task.ref
    deployment.run_for(10 * MINUTE)

    task = deployment.task(chain.task)
    assert task.state is State.FAILED
    assert task.error is not None
    assert "InvalidParams" in task.error.message


@pytest.mark.parametrize("name", ["the chain", "the step"])
def test_a_chain_goes_on_when_its_failed_step_begins_again(
    deployment: Deployment, done: Done, name: str
) -> None:
    done.bad = {10}
    chain = submit_chain(deployment.engine, DOUBLE_AND_TWO_MORE).task.ref
    deployment.pump()
    done.bad, done.started = set(), []

    ref = chain if name == "the chain" else steps(deployment, chain)[1].ref
    retry_again(deployment.engine, ref)
    deployment.pump()

    task = deployment.task(chain.task)
    assert task.state is State.SUCCEEDED
    assert task.result == "12"
    assert done.started == [10, 11]


def test_a_step_that_succeeded_does_not_begin_again(deployment: Deployment, done: Done) -> None:
    done.bad = {10}
    chain = submit_chain(deployment.engine, DOUBLE_AND_TWO_MORE).task.ref
    deployment.pump()

    with pytest.raises(NothingToRetry):
        retry_again(deployment.engine, steps(deployment, chain)[0].ref)


def test_a_chain_that_is_cancelled_begins_no_further_step(
    deployment: Deployment, done: Done
) -> None:
    chain = submit_chain(deployment.engine, DOUBLE_AND_TWO_MORE, callback=Draft("tell")).task.ref
    while not done.started:
        deployment.deliver()

    cancel(deployment.engine, chain)
    deployment.pump()

    task = deployment.task(chain.task)
    assert task.state is State.CANCELLED
    assert done.started == [5]
    assert task.progress == Progress(3, 1, 0, 2)
    assert [told["state"] for told in done.told] == ["cancelled"]


def test_a_step_that_somebody_cancels_ends_the_chain_as_failed(deployment: Deployment) -> None:
    drafts = [Draft("double", {"number": 5}), Draft("add one", delay=timedelta(hours=1))]
    chain = submit_chain(deployment.engine, drafts).task.ref
    deployment.pump()

    cancel(deployment.engine, steps(deployment, chain)[1].ref)
    deployment.pump()

    task = deployment.task(chain.task)
    assert task.state is State.FAILED
    assert task.error is not None
    assert task.error.kind == "StepCancelled"


def test_a_chain_goes_on_though_a_worker_dies_between_two_steps(
    deployment: Deployment, done: Done
) -> None:
    chain = submit_chain(deployment.engine, DOUBLE_AND_TWO_MORE).task.ref
    # The birth of the first step, the end of it, and then the birth of the second.
    deployment.port.plan("killed before", "TransactWriteItems", skip=2)

    deployment.run_for(5 * MINUTE)

    assert deployment.task(chain.task).result == "12"
    assert done.started == [5, 10, 11]


def test_two_who_see_the_end_of_a_step_begin_one_next(deployment: Deployment, done: Done) -> None:
    chain = submit_chain(deployment.engine, DOUBLE_AND_TWO_MORE).task.ref
    deployment.port.plan("answer lost", "TransactWriteItems", times=20)

    deployment.run_for(5 * MINUTE)

    assert deployment.task(chain.task).result == "12"
    assert done.started == [5, 10, 11]


def test_the_first_step_has_nothing_before_it(deployment: Deployment) -> None:
    with pytest.raises(Refused) as refused:
        submit_chain(deployment.engine, [Draft("double", into="number")])

    assert isinstance(refused.value.errors[0], InvalidOption)


def test_a_step_without_params_cannot_take_any(deployment: Deployment) -> None:
    with pytest.raises(Refused) as refused:
        submit_chain(
            deployment.engine, [Draft("double", {"number": 1}), Draft("add one", into="number")]
        )

    assert list(refused.value.errors) == [1]
