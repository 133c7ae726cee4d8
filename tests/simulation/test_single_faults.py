"""One fault at every call of a map's life: it ends all the same, with everything done."""

from contextlib import suppress
from datetime import timedelta

import pytest

from tests.faults import Killed
from tests.harness import deploy
from tests.numbers import World, numbers
from windrow.aws.errors import Unavailable
from windrow.engine.submit import submit
from windrow.model.states import State

EFFECTS = ("refused", "killed before", "killed after", "answer lost", "answer never came")
WORKERS_CALLS = 60


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
        # What a killed worker held would come back after six minutes: that must not be what heals.
        deployment.hints.lose()
        deployment.run_for(timedelta(minutes=5))

        ended = deployment.task(task_id)
        assert ended.state is State.SUCCEEDED
        assert set(world.done) == set(range(5))
        assert (ended.progress.succeeded, ended.progress.failed) == (5, 0)
        assert ended.due is None
        assert all(chunk.due is None for chunk in deployment.chunks(task_id))
        assert all(group.due is None for group in deployment.engine.records.groups(ended.ref))
        assert submit(deployment.engine, "numbers").is_new


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("call", range(4))
def test_a_submission_survives_one_fault_at_any_call(effect: str, call: int) -> None:
    """It is refused and leaves nothing, or it is accepted and ends."""
    registry, _ = numbers(World(count=5), chunk_size=2)
    with deploy(registry) as deployment:
        deployment.port.plan(effect, "", skip=call)

        with suppress(Killed, Unavailable):
            submit(deployment.engine, "numbers")
        deployment.run_for(timedelta(minutes=5))

        assert submit(deployment.engine, "numbers").is_new


def test_every_call_of_the_life_is_covered() -> None:
    assert calls_of_a_life() <= WORKERS_CALLS
