"""One fault at every call of a request to cancel and of what follows: it ends as cancelled."""

from contextlib import suppress
from datetime import timedelta

import pytest

from tests.faults import Killed
from tests.harness import deploy
from tests.numbers import World, numbers
from windrow.aws.errors import Unavailable
from windrow.engine.cancel import cancel
from windrow.engine.submit import submit
from windrow.model.states import State

EFFECTS = ("refused", "killed before", "killed after", "answer lost", "answer never came")
# What happens before the request: nothing, then the plan, then a chunk after the other, the finish.
DELIVERIES = range(5)


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("deliveries", DELIVERIES)
@pytest.mark.parametrize("call", range(3))
def test_a_request_survives_one_fault_at_any_call(effect: str, deliveries: int, call: int) -> None:
    """It is answered and the map ends as cancelled, or it is refused and can be made again."""
    registry, _ = numbers(World(count=5), chunk_size=2)
    with deploy(registry) as deployment:
        ref = submit(deployment.engine, "numbers").task.ref
        for _ in range(deliveries):
            deployment.deliver()
        deployment.port.plan(effect, "", skip=call)
        with suppress(Killed, Unavailable):
            cancel(deployment.engine, ref)
        deployment.port.faults.clear()

        cancel(deployment.engine, ref)
        deployment.hints.lose()
        deployment.run_for(timedelta(minutes=8))

        ended = deployment.task(ref.task)
        assert ended.state is State.CANCELLED
        assert all(chunk.state.is_over for chunk in deployment.chunks(ref.task))
        assert submit(deployment.engine, "numbers").is_new


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("call", range(25))
def test_a_cancelled_map_survives_one_fault_at_any_call(effect: str, call: int) -> None:
    world = World(count=5)
    registry, _ = numbers(world, chunk_size=2)
    with deploy(registry) as deployment:
        ref = submit(deployment.engine, "numbers").task.ref
        for _ in range(2):
            deployment.deliver()
        cancel(deployment.engine, ref)
        deployment.port.plan(effect, "", skip=call)

        deployment.pump()
        deployment.hints.lose()
        deployment.run_for(timedelta(minutes=8))

        ended = deployment.task(ref.task)
        assert ended.state is State.CANCELLED
        assert (ended.progress.succeeded, ended.progress.cancelled) == (2, 3)
        assert set(world.done) == {0, 1}
        assert world.finished == []
        assert ended.due is None
        assert all(chunk.due is None for chunk in deployment.chunks(ref.task))
        assert all(group.due is None for group in deployment.engine.records.groups(ref))
