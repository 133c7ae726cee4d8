"""A wrong value is told of where the caller has put it, and once."""

from typing import Any, Literal

import pytest
from pydantic import BaseModel, ValidationError

from windrow.model.places import expectations


class Chart(BaseModel):
    """What a report shows of its columns."""

    label: str


class Report(BaseModel):
    """A value of one of several kinds, alone, in a list, and by a name."""

    chart: Literal["auto", "none"] | Chart = "auto"
    rows: list[list[str | int] | dict[str, str | int]] = []


def told(params: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as invalid:
        Report.model_validate(params)
    return expectations(invalid.value, params)


def test_a_value_that_fits_no_kind_is_told_of_once_with_all_that_would() -> None:
    assert told({"chart": "pie"}) == {"chart": "auto or none or an object"}


def test_of_an_object_its_own_fields_are_told() -> None:
    assert told({"chart": {}}) == {"chart.label": "a value, and there is none"}
    assert told({"chart": {"label": 5}}) == {"chart.label": "text"}


def test_a_place_in_a_list_and_in_an_object_has_no_types_name() -> None:
    assert told({"rows": [["a"], {"n": None}, [[]]]}) == {
        "rows.1.n": "text or a whole number",
        "rows.2.0": "text or a whole number",
    }


def test_another_error_speaks_of_the_whole() -> None:
    assert expectations(ValueError("give rows or a source"), {}) == {
        "params": "give rows or a source"
    }
