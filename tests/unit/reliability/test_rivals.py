"""The rivals are given a fair chance: where nothing goes wrong each does every task, once."""

from collections.abc import Callable

import pytest

from tests.reliability.layers.rivals import CONTENDERS, lived
from tests.reliability.rivals.load import TASKS, Contender, Standing, Tally, Work, carried
from tests.simulated.world import World


@pytest.mark.parametrize("contender", CONTENDERS.values(), ids=CONTENDERS)
def test_in_good_weather_everybody_does_every_task_once(
    contender: Callable[[World, Work], Contender],
) -> None:
    with World(1) as world:
        work = Work(world, slow=0, deadly=0)
        tally = carried(world, work, contender(world, work))

        assert tally == Tally(accepted=TASKS)
        assert [work.effects(name) for name in work.accepted] == [1] * TASKS


def test_the_same_seed_gives_the_same_figures() -> None:
    part = (3, "queue, retries by receive count")

    assert lived(part) == lived(part)


def test_a_task_that_nobody_knows_of_is_lost_and_one_that_waits_is_stuck() -> None:
    class Forgetful:
        def __init__(self, work: Work) -> None:
            self.work = work

        def submit(self, name: str) -> None:
            self.work.accepted.add(name)

        def settle(self) -> None:
            pass

        def standing(self, name: str) -> Standing:
            return Standing.WAITS if name == "task-0000" else Standing.UNKNOWN

    with World(1) as world:
        world.services.create_tables("ApplicationTable")
        work = Work(world)
        tally = carried(world, work, Forgetful(work))

    assert (tally.lost, tally.stuck, tally.doubled) == (TASKS - 1, 1, 0)
