"""Random faults in random worlds: every accepted task ends, once and exactly; nothing is left."""

import pytest

from tests.simulated.judge import complaints
from tests.simulated.storm import live, stormy

SEEDS = 12


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_goes_wrong_every_task_ends_once_and_exactly(seed: int) -> None:
    with stormy(seed) as world:
        deployment = live(world)

        assert complaints(deployment) == [], (seed, list(world.lines)[-40:])
        assert world.faults.injected.total() > 0


def test_callers_of_one_key_meet_one_task() -> None:
    with stormy(3) as world:
        deployment = live(world)

        raced = (each.task for each in deployment.accepted if each.task.name == "plain")
        keyed = {task.ref for task in raced if task.ref.task[:2] != "01"}
        assert len(keyed) == 1


def test_the_same_seed_gives_the_same_trace() -> None:
    def digest(seed: int) -> str:
        with stormy(seed) as world:
            live(world)
            return world.digest

    first, second, another = digest(5), digest(5), digest(6)

    assert first == second
    assert first != another
