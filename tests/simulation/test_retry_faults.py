"""One fault at every call of a map that begins again: it ends, each item done, none left."""

from contextlib import suppress
from datetime import timedelta

import pytest

from tests.faults import Killed
from tests.harness import Deployment, deploy
from tests.letters import Hopeless
from tests.numbers import World, numbers
from windrow.aws.errors import Unavailable
from windrow.engine.retry_again import retry_again
from windrow.engine.submit import submit
from windrow.model.ref import Ref
from windrow.model.states import State

EFFECTS = ("refused", "killed before", "killed after", "answer lost", "answer never came")
WORKERS_CALLS = 40


def failed_map(deployment: Deployment, world: World) -> Ref:
    """A map of three chunks, one of which has failed."""
    world.chunk_error, world.failing = Hopeless("no"), frozenset({2})
    ref = submit(deployment.engine, "numbers").task.ref
    deployment.pump()
    world.chunk_error = None
    assert deployment.task(ref.task).has_errors
    return ref


def check(deployment: Deployment, world: World, ref: Ref) -> None:
    ended = deployment.task(ref.task)
    assert ended.state is State.SUCCEEDED
    assert (ended.progress.succeeded, ended.progress.failed) == (5, 0)
    assert set(world.done) == set(range(5))
    assert world.done.count(0) == world.done.count(4) == 1, "what had succeeded is not done again"
    assert ended.due is None
    assert all(chunk.due is None for chunk in deployment.chunks(ref.task))
    assert all(group.due is None for group in deployment.engine.records.groups(ref))
    assert submit(deployment.engine, "numbers").is_new


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("call", range(4))
def test_a_request_survives_one_fault_at_any_call(effect: str, call: int) -> None:
    """It is answered and the map ends, or it is refused and can be made again."""
    world = World(count=5)
    registry, _ = numbers(world, chunk_size=2)
    with deploy(registry) as deployment:
        ref = failed_map(deployment, world)
        deployment.port.plan(effect, "", skip=call)
        with suppress(Killed, Unavailable):
            retry_again(deployment.engine, ref, failed_items_only=True)
        deployment.port.faults.clear()

        retry_again(deployment.engine, ref, failed_items_only=True)
        deployment.hints.lose()
        deployment.run_for(timedelta(minutes=5))

        assert deployment.task(ref.task).round == 1
        check(deployment, world, ref)


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("call", range(WORKERS_CALLS))
def test_what_follows_survives_one_fault_at_any_call(effect: str, call: int) -> None:
    world = World(count=5)
    registry, _ = numbers(world, chunk_size=2)
    with deploy(registry) as deployment:
        ref = failed_map(deployment, world)
        retry_again(deployment.engine, ref, failed_items_only=True)
        deployment.port.plan(effect, "", skip=call)

        deployment.pump()
        deployment.hints.lose()
        deployment.run_for(timedelta(minutes=5))

        check(deployment, world, ref)


def test_every_call_is_covered() -> None:
    world = World(count=5)
    registry, _ = numbers(world, chunk_size=2)
    with deploy(registry) as deployment:
        ref = failed_map(deployment, world)
        retry_again(deployment.engine, ref, failed_items_only=True)
        before = len(deployment.port.calls)
        deployment.pump()

        assert len(deployment.port.calls) - before <= WORKERS_CALLS
