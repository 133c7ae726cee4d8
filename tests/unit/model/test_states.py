"""The legal moves of a task."""

import pytest

from windrow.errors import IllegalMove
from windrow.model.states import MOVES, State


def test_what_has_ended_goes_nowhere() -> None:
    over = {state for state in State if state.is_over}

    assert over == {State.SUCCEEDED, State.FAILED, State.CANCELLED}


def test_every_state_says_where_it_may_go() -> None:
    assert set(MOVES) == set(State)


@pytest.mark.parametrize(
    ("before", "after"),
    [(before, after) for before in State for after in State if after not in MOVES[before]],
)
def test_an_illegal_move_is_refused(before: State, after: State) -> None:
    with pytest.raises(IllegalMove, match=f"{before} cannot become {after}"):
        before.to(after)
