"""The explorer counts every state, and finds the shortest way to what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.reliability.model.explore import Move, explore


@dataclass(frozen=True)
class Stairs:
    """A walk up and down `steps` stairs; the top is the end, and nothing leads out of `hole`."""

    steps: int = 5
    hole: int = -1
    forbidden: int = -1
    name: str = "stairs"

    def start(self) -> tuple[int]:
        return (0,)

    def moves(self, state: tuple[int]) -> Iterator[Move[tuple[int]]]:
        (stair,) = state
        if stair == self.hole:
            return
        if stair < self.steps:
            yield "up", (stair + 1,), True
        if stair > 0:
            yield "down", (stair - 1,), False

    def broken(self, before: tuple[int], after: tuple[int]) -> str | None:
        return "fell" if after == (self.forbidden,) else None

    def has_ended(self, state: tuple[int]) -> bool:
        return state == (self.steps,)


def test_every_state_and_every_step_is_counted() -> None:
    found = explore(Stairs())

    assert (found.states, found.steps, found.ends) == (6, 10, 1)
    assert found.problem is None
    assert found.is_whole


def test_a_broken_promise_comes_with_the_shortest_way_to_it() -> None:
    found = explore(Stairs(forbidden=3))

    assert found.problem == "fell"
    assert found.trace == ("up", "up", "up")


def test_a_state_without_a_fair_way_to_an_end_is_stuck() -> None:
    found = explore(Stairs(hole=2))

    assert found.problem == "stuck in 3 states"


def test_steps_that_are_not_fair_lead_to_no_end() -> None:
    @dataclass(frozen=True)
    class Lucky(Stairs):
        def moves(self, state: tuple[int]) -> Iterator[Move[tuple[int]]]:
            for label, after, is_fair in super().moves(state):
                yield label, after, is_fair and state != (3,)

    found = explore(Lucky())

    assert found.problem == "stuck in 4 states"
    assert found.trace == ()


def test_a_search_that_meets_its_limit_says_that_it_is_not_whole() -> None:
    found = explore(Stairs(steps=20_000), limit=5_000)

    assert not found.is_whole
    assert found.problem is None
    assert 5_000 < found.states < 20_000
