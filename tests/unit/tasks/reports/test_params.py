"""What a report may be asked for."""

import pytest
from pydantic import ValidationError

from tasks.reports.params import LARGEST, ReportParams


@pytest.mark.parametrize("number", [LARGEST, -LARGEST, 0, 2.5, 1e300])
def test_a_number_that_can_be_drawn_is_taken(number: float) -> None:
    assert ReportParams(rows=[[number]]).rows == [[number]]


@pytest.mark.parametrize("number", [10**400, -(10**4000)])
def test_a_number_that_no_double_holds_is_refused_at_once(number: int) -> None:
    with pytest.raises(ValidationError):
        ReportParams(rows=[[number]])
