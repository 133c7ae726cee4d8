"""One fault at every call of a life, each kind of fault: it ends all the same, soon and exactly."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.simulated.deployment import Deployment
from tests.simulated.faults import FAULTS, Effect
from tests.simulated.invariants import Invariants
from tests.simulated.judge import complaints
from tests.simulated.outside import Outside
from tests.simulated.scenario import registry
from tests.simulated.time import MINUTE, SECOND
from tests.simulated.world import World
from windrow.model.states import State

# A function's timeout and 75 s: what the sweeper may need after a death.
SOON = 60 + 75
# What the SDK mends on its own costs no recovery.
AT_ONCE = 10
# The calls of a map's life when nothing goes wrong, with some to spare.
CALLS = 75


@contextmanager
def lived(planned: dict[int, Effect]) -> Iterator[Deployment]:
    """A map's life of a quarter of an hour, with these faults."""
    with World(1) as world:
        world.faults.planned = planned
        world.faults.delay = (SECOND, 80 * SECOND)
        deployment = Deployment(world, registry(Outside()))
        Invariants(world, deployment.table, deployment=deployment).watch()
        deployment.submit("numbers")
        world.run(15 * MINUTE)
        yield deployment


@pytest.mark.parametrize("effect", FAULTS)
def test_a_map_survives_one_fault_at_any_call(effect: Effect) -> None:
    for call in range(CALLS):
        with lived({call: effect}) as deployment:
            assert complaints(deployment) == [], call
            for submission in deployment.accepted:
                task = deployment.engine.records.task(submission.task.ref)
                assert task is not None
                assert task.ended is not None
                assert task.state is State.SUCCEEDED, call
                limit = AT_ONCE if effect is Effect.REPEATED else SOON
                assert (task.ended - task.created).total_seconds() <= limit, call


def test_every_call_of_the_life_is_covered() -> None:
    with lived({}) as deployment:
        calls = [line for line in deployment.world.lines if " deliver " not in line]

    first_sweep = next(n for n, line in enumerate(calls) if "sweeper" in line)
    assert 30 < first_sweep <= CALLS
