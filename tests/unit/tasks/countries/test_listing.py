"""Filters and orders of a list."""

from decimal import Decimal
from random import Random

import pytest

from tasks.countries.country import Country
from tasks.countries.listing import Sort, select
from tests.unit.tasks.countries.samples import country

CHAD = country("Chad", population=15, estimated_gdp=Decimal(30), currency_code="XAF")
GABON = country("Gabon", population=2, estimated_gdp=Decimal(40), currency_code="XAF")
KOREA = country(
    "North Korea", population=25, estimated_gdp=None, region="Asia", currency_code="KPW"
)
NOWHERE = country(
    "Antarctica", population=0, estimated_gdp=Decimal(0), region=None, currency_code=None
)
ALAND = country("åland", population=2, estimated_gdp=Decimal(40), region="Europe")
ALL = [ALAND, CHAD, GABON, KOREA, NOWHERE]


def names(countries: list[Country]) -> list[str]:
    return [each.name for each in countries]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.GDP_DESC, ["Gabon", "åland", "Chad", "Antarctica", "North Korea"]),
        (Sort.GDP_ASC, ["Antarctica", "Chad", "Gabon", "åland", "North Korea"]),
        (Sort.NAME_ASC, ["Antarctica", "Chad", "Gabon", "North Korea", "åland"]),
        (Sort.NAME_DESC, ["åland", "North Korea", "Gabon", "Chad", "Antarctica"]),
        (Sort.POPULATION_DESC, ["North Korea", "Chad", "Gabon", "åland", "Antarctica"]),
        (Sort.POPULATION_ASC, ["Antarctica", "Gabon", "åland", "Chad", "North Korea"]),
    ],
)
def test_every_order_puts_equal_ones_by_name_and_unknown_gdps_last(
    sort: Sort, expected: list[str]
) -> None:
    shuffled = Random(3).sample(ALL, len(ALL))

    assert names(select(shuffled, sort=sort)) == expected


@pytest.mark.parametrize("region", ["Africa", "africa", "AFRICA"])
def test_a_region_is_found_in_any_case(region: str) -> None:
    assert names(select(ALL, region=region)) == ["Chad", "Gabon"]


def test_a_currency_is_found_in_any_case_and_both_filters_apply() -> None:
    assert names(select(ALL, currency="xaf")) == ["Chad", "Gabon"]
    assert names(select(ALL, currency="kpw", region="asia")) == ["North Korea"]
    assert select(ALL, currency="kpw", region="africa") == []


def test_what_is_not_known_of_a_country_matches_no_filter() -> None:
    assert select([NOWHERE], region="None") == []
    assert select([NOWHERE], currency="None") == []
