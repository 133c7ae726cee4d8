"""Numbers beside each other have the same decimals, and scales have round steps."""

import pytest

from tasks.reports.document import text
from tasks.reports.figures import figure, places, ticks


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((6.3, 5.0, 0.8), ["6.3", "5.0", "0.8"]),
        ((17 / 3, 5.7), ["5.67", "5.70"]),
        ((3, 1200), ["3", "1,200"]),
        ((3.0, 1200.0), ["3", "1,200"]),
        ((93.4, 0.1 + 0.2), ["93.4", "0.3"]),
        ((0.0012, 7.5), ["0.0012", "7.5000"]),
        ((1e-9, 2.5, 0.0), ["1e-09", "2.5", "0.0"]),
        ((-0.0, -3.25), ["0.00", "-3.25"]),
    ],
)
def test_all_of_a_column_have_the_decimals_that_one_of_them_needs(
    values: tuple[float, ...], shown: list[str]
) -> None:
    assert [figure(value, places(values)) for value in values] == shown


def test_a_whole_number_among_fractions_has_their_decimals() -> None:
    assert [text(cell, places([12.5, 7])) for cell in (12.5, 7, True, "x")] == [
        "12.5",
        "7.0",
        "yes",
        "x",
    ]


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        ((1, 4), [0, 1, 2, 3, 4]),
        ((-3, 5, 2), [-4, -2, 0, 2, 4, 6]),
        ((-30, -7), [-30, -20, -10, 0]),
        ((0.31,), [0, 0.1, 0.2, 0.3, 0.4]),
        ((1234,), [0, 500, 1000, 1500]),
        ((0, 0), [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ((), [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ],
)
def test_a_scale_goes_through_zero_in_round_steps(
    values: tuple[float, ...], marks: list[float]
) -> None:
    assert ticks(values) == pytest.approx(marks)
