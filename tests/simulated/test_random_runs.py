"""Random faults in random worlds: every accepted task ends, once and exactly; nothing is left."""

from functools import partial

import pytest

from tests.simulated.deployment import Deployment
from tests.simulated.faults import evenly
from tests.simulated.invariants import Invariants
from tests.simulated.judge import complaints
from tests.simulated.scenario import Outside, registry
from tests.simulated.time import HOUR, MINUTE, SECOND
from tests.simulated.world import World

SEEDS = 12
TASKS = ("plain", "plain", "plain", "plain", "numbers", "numbers")


def stormy(seed: int) -> World:
    """A world in which most things go wrong that may."""
    world = World(seed)
    world.lags.index, world.lags.stale = (10, 3 * SECOND), (0, SECOND)
    quirks = world.quirks
    quirks.unsent = quirks.duplicate = quirks.unreceived = quirks.undeleted = 0.05
    quirks.window = 5
    # So long that a request may arrive when its caller's lease is another's.
    world.faults.rates, world.faults.delay = evenly(0.2), (100, 5 * MINUTE)
    return world


def live(world: World) -> Deployment:
    """Half an hour of faults, and calm until nothing is left to do or every deadline is over."""
    outside = Outside(world.random, failing=0.1, slow=0.1)
    deployment = Deployment(world, registry(outside), skew=(-30 * SECOND, 30 * SECOND))
    schedule = deployment.schedule
    schedule.doubled, schedule.missed, schedule.late = 0.1, 0.1, (0, 20 * SECOND)
    Invariants(world, deployment.table, skew=60 * SECOND).watch()
    for name in TASKS:
        world.after(world.random.randrange(10 * MINUTE), partial(deployment.submit, name))
    for _ in range(3):
        raced = world.random.randrange(100)
        world.after(MINUTE + raced, lambda: deployment.submit("plain", key="the same"))
    world.run(30 * MINUTE)
    world.faults.stop()
    deployment.run_until_quiet(7 * HOUR)
    return deployment


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_goes_wrong_every_task_ends_once_and_exactly(seed: int) -> None:
    with stormy(seed) as world:
        deployment = live(world)

        assert complaints(deployment) == [], (seed, list(world.lines)[-40:])
        assert world.faults.injected.total() > 0


def test_callers_of_one_key_meet_one_task() -> None:
    with stormy(3) as world:
        deployment = live(world)

        keyed = {each.task.ref for each in deployment.accepted if each.task.ref.task[:2] != "01"}
        assert len(keyed) == 1


def test_the_same_seed_gives_the_same_trace() -> None:
    def digest(seed: int) -> str:
        with stormy(seed) as world:
            live(world)
            return world.digest

    first, second, another = digest(5), digest(5), digest(6)

    assert first == second
    assert first != another
