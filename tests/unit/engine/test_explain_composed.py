"""Explain what is made of others: a parent names the children that it waits for."""

from collections.abc import Iterator

import pytest

from tests.composed import Done, registry
from tests.harness import Deployment, deploy
from windrow.engine.cancel import cancel
from windrow.engine.claim import claim
from windrow.engine.compose import submit_chain, submit_group
from windrow.engine.explain import explain
from windrow.model.draft import Draft
from windrow.model.explanation import Explanation, Reason
from windrow.model.ref import Ref


@pytest.fixture
def done() -> Done:
    return Done(bad={1})


@pytest.fixture
def deployment(done: Done) -> Iterator[Deployment]:
    with deploy(registry(done)) as deployed:
        yield deployed


def made(deployment: Deployment, parent: Ref) -> list[str]:
    """Let a worker make the children of a parent, and none of them run; returns their ids."""
    while not deployment.task(parent.task).children:
        assert deployment.deliver()
    rows = deployment.engine.tasks.children.all(deployment.task(parent.task))
    return [row.ref.task for row in rows]


def told(deployment: Deployment, ref: Ref) -> Explanation:
    return explain(deployment.engine, ref)


def doubles(*numbers: int) -> list[Draft]:
    return [Draft("double", {"number": number}) for number in numbers]


def test_a_group_names_the_tasks_that_have_not_ended(deployment: Deployment) -> None:
    group = submit_group(deployment.engine, doubles(0, 2)).task.ref
    ids = made(deployment, group)

    found = told(deployment, group)

    assert found.reason is Reason.WAITS_FOR_CHILDREN
    assert found.facts["left"] == tuple(ids)
    assert found.facts["ended"] == 0


def test_a_chain_counts_the_steps_that_have_not_begun(deployment: Deployment) -> None:
    chain = submit_chain(deployment.engine, [*doubles(3), Draft("add one")]).task.ref
    (first,) = made(deployment, chain)

    found = told(deployment, chain)

    assert found.facts["left"] == (first,)
    assert (found.facts["children"], found.facts["begun"]) == (2, 1)


def test_a_child_of_a_parent_that_is_to_end_says_so(deployment: Deployment) -> None:
    group = submit_group(deployment.engine, doubles(0, 2)).task.ref
    first, *_ = made(deployment, group)
    engine = deployment.engine
    child = deployment.task(first)
    claimed = claim(engine, child, deployment.clock.now() + engine.retention)
    assert claimed is not None
    cancel(engine, group)
    waiting = made(deployment, group)[1]

    assert told(deployment, Ref("default", waiting)).reason is Reason.PARENT_ENDS
    assert told(deployment, group).reason is Reason.CANCELLING


def test_a_group_that_lost_a_task_says_how_many(deployment: Deployment) -> None:
    group = submit_group(deployment.engine, doubles(0, 1, 2)).task.ref
    deployment.pump()

    found = told(deployment, group)

    assert "but 1 of the 3 tasks that it is made of did not" in found.sentence
