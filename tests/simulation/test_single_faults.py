"""One fault at every call of a map's life: it ends all the same, with everything done."""

from datetime import timedelta

import pytest

from tests.harness import deploy
from tests.numbers import World, numbers
from windrow.engine.submit import submit
from windrow.model.states import State

EFFECTS = ("refused", "killed before", "killed after", "answer lost")
WORKERS_CALLS = 50


def calls_of_a_life() -> int:
    """How many calls the workers make for the map when nothing goes wrong."""
    world = World(count=5)
    registry, _ = numbers(world, chunk_size=2)
    with deploy(registry) as deployment:
        submit(deployment.engine, "numbers")
        before = len(deployment.port.calls)
        deployment.pump()
        return len(deployment.port.calls) - before


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("call", range(WORKERS_CALLS))
def test_a_map_survives_one_fault_at_any_call(effect: str, call: int) -> None:
    world = World(count=5)
    registry, _ = numbers(world, chunk_size=2)
    with deploy(registry) as deployment:
        task_id = submit(deployment.engine, "numbers").task.ref.task
        deployment.port.plan(effect, "", skip=call)

        deployment.pump()
        deployment.run_for(timedelta(minutes=6))

        ended = deployment.task(task_id)
        assert ended.state is State.SUCCEEDED
        assert set(world.done) == set(range(5))
        assert (ended.progress.succeeded, ended.progress.failed) == (5, 0)
        assert ended.due is None
        assert all(chunk.due is None for chunk in deployment.chunks(task_id))
        assert all(group.due is None for group in deployment.engine.records.groups(ended.ref))
        assert submit(deployment.engine, "numbers").is_new


def test_every_call_of_the_life_is_covered() -> None:
    assert calls_of_a_life() <= WORKERS_CALLS
