"""Countries as items, and back."""

import json

import pytest

from tasks.countries.country import Country
from tasks.countries.items import from_item, to_item, to_json
from tests.unit.tasks.countries.samples import ANTARCTICA, NIGERIA, country


@pytest.mark.parametrize(
    "known", [NIGERIA, ANTARCTICA, country("Korea", exchange_rate=None, estimated_gdp=None)]
)
def test_a_country_comes_back_as_it_went(known: Country) -> None:
    assert from_item(to_item(known)) == known


@pytest.mark.parametrize("known", [NIGERIA, ANTARCTICA])
def test_a_snapshot_loses_no_digit(known: Country) -> None:
    assert from_item(json.loads(json.dumps(to_json(known)))) == known
