"""Whoever ends a map's last chunk may die right then, however long the map has lived."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.faults import Killed
from tests.harness import Deployment, deploy
from tests.numbers import World, numbers
from windrow.engine.run import run
from windrow.engine.submit import submit
from windrow.model.states import State

MINUTE = timedelta(minutes=1)
# A function's timeout and 75 s.
BOUND = timedelta(seconds=135)


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    """A map of two chunks: one has ended, and no worker has taken the other for 22 minutes."""
    registry, _ = numbers(World(count=100))
    with deploy(registry) as deployment:
        submit(deployment.engine, "numbers")
        for _ in range(2):
            deployment.deliver()
        for _ in range(22):
            deployment.hints.lose()
            deployment.clock.advance(MINUTE)
            deployment.sweep()
        yield deployment


def map_id(deployment: Deployment) -> str:
    """The map's id."""
    (id_,) = {ids["task"] for verb, ids in deployment.telemetry.events if verb == "task.submitted"}
    return str(id_)


def end_the_last_chunk(deployment: Deployment, *, killed_at: str) -> None:
    """A worker that ends the last chunk, and dies before it has gathered everything."""
    deployment.port.plan("killed before", "UpdateItem", Key=killed_at)
    (last,) = (chunk for chunk in deployment.chunks(map_id(deployment)) if not chunk.state.is_over)
    with pytest.raises(Killed):
        run(deployment.engine, last.ref, deployment.clock.now() + MINUTE)
    deployment.hints.lose()


@pytest.mark.parametrize("killed_at", ["'G#0", "'A'"])
def test_a_map_that_was_left_alone_at_its_last_moment_moves_on_soon(
    deployment: Deployment, killed_at: str
) -> None:
    end_the_last_chunk(deployment, killed_at=killed_at)
    assert all(chunk.state.is_over for chunk in deployment.chunks(map_id(deployment)))
    assert deployment.task(map_id(deployment)).state is State.RUNNING

    deployment.run_for(BOUND, tick=timedelta(seconds=15))

    assert deployment.task(map_id(deployment)).state is State.SUCCEEDED


def test_a_group_whose_chunks_wait_is_looked_at_and_left_alone(deployment: Deployment) -> None:
    hints = [message.body for message in deployment.hints.messages]

    assert not [body for body in hints if '"group"' in body and '"chunk"' not in body]
