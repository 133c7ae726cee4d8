"""A map in the place of an expired one of the same key, whose rows lie there still."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy
from tests.numbers import World, numbers
from windrow.aws.dynamodb import encoded
from windrow.engine.gather import gather_group
from windrow.engine.submit import submit
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.keys import key

SECOND = timedelta(seconds=1)
EFFECTS = ("refused", "killed before", "killed after", "answer lost", "answer never came")


@pytest.fixture
def world() -> World:
    return World(count=5)


@pytest.fixture
def deployment(world: World) -> Iterator[Deployment]:
    registry, _ = numbers(world, chunk_size=2)
    with deploy(registry) as deployed:
        yield deployed


def renewed(deployment: Deployment, world: World, count: int) -> Ref:
    """A map of `count` items in the place of an expired one of five."""
    submit(deployment.engine, "numbers", key="one")
    deployment.pump()
    deployment.clock.advance(deployment.engine.retention + SECOND)
    world.count = count
    world.done.clear()
    return submit(deployment.engine, "numbers", key="one").task.ref


@pytest.mark.parametrize("count", [0, 3, 5, 9])
def test_a_map_in_the_place_of_an_expired_one_does_all_of_its_items(
    deployment: Deployment, world: World, count: int
) -> None:
    ref = renewed(deployment, world, count)

    deployment.pump()

    ended = deployment.task(ref.task)
    assert (ended.state, ended.has_remains) == (State.SUCCEEDED, False)
    assert ended.progress.succeeded == count
    assert sorted(world.done) == list(range(count))
    assert sum(chunk.count for chunk in deployment.chunks(ref.task)) == count


def test_it_does_so_too_when_the_expired_record_itself_is_gone(
    deployment: Deployment, world: World
) -> None:
    ref = submit(deployment.engine, "numbers", key="one").task.ref
    deployment.pump()
    deployment.clock.advance(deployment.engine.retention + SECOND)
    gone = {"TableName": deployment.engine.records.table, "Key": encoded(key(ref))}
    deployment.engine.aws.call("dynamodb", "DeleteItem", gone)
    world.done.clear()

    submit(deployment.engine, "numbers", key="one")
    deployment.pump()

    assert deployment.task(ref.task).progress.succeeded == 5
    assert sorted(world.done) == list(range(5))


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("call", range(16))
def test_it_survives_one_fault_at_any_call(
    deployment: Deployment, world: World, effect: str, call: int
) -> None:
    ref = renewed(deployment, world, 3)
    deployment.port.plan(effect, "", skip=call)

    deployment.pump()
    deployment.hints.lose()
    deployment.run_for(timedelta(minutes=5))

    assert deployment.task(ref.task).state is State.SUCCEEDED
    assert set(world.done) == set(range(3))
    assert sum(chunk.count for chunk in deployment.chunks(ref.task)) == 3


def test_a_late_hint_of_an_old_chunk_shows_nothing_of_what_the_expired_map_had_done(
    deployment: Deployment, world: World
) -> None:
    ref = renewed(deployment, world, 9)
    deployment.port.plan("killed after", "UpdateItem")
    deployment.deliver()
    assert deployment.task(ref.task).state is State.RUNNING

    gather_group(deployment.engine, next(iter(deployment.engine.records.groups(ref))).ref)

    assert deployment.task(ref.task).progress.ended == 0


def test_a_map_whose_key_is_new_deletes_nothing(deployment: Deployment) -> None:
    submit(deployment.engine, "numbers", key="one")

    deployment.pump()

    assert deployment.port.count("DeleteItem") == 0
