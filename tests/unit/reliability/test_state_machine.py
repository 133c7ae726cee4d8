"""The state machine finds nothing in the engine, and something in one without its fence."""

import pytest

from tests.reliability.layers import state_machine

LIVES = range(5, 105)


def test_an_engine_without_its_fence_does_not_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("windrow.store.fence.FENCE", ("state",))

    tally = state_machine.lived(LIVES)

    assert tally.problems


def test_the_same_seed_gives_the_same_lives() -> None:
    few = range(1, 6)

    assert state_machine.lived(few) == state_machine.lived(few)


def test_each_piece_lives_orders_of_its_own() -> None:
    one, other = state_machine.lived(range(1, 11)), state_machine.lived(range(11, 21))

    assert one.lives >= 10
    assert len(one.orders & other.orders) <= 1  # Each piece begins with the shortest life.
