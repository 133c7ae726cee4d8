"""The rules of the exercise for one country."""

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from tasks.countries.country import Country, joined
from tasks.countries.ledger import Place
from tasks.countries.refresh import snapshot
from tasks.countries.upstreams.base import CountryFacts, Rates
from tests.unit.tasks.countries.samples import FACTS, NOON

RATES = {"NGN": Decimal("1600.23"), "USD": Decimal(1), "XXX": Decimal(0)}


def of(facts: CountryFacts, multiplier: int = 1500) -> Country:
    return joined(facts, RATES, multiplier=multiplier, number=7, refreshed=NOON)


def test_the_gdp_is_population_times_multiplier_over_rate_to_the_cent() -> None:
    country = of(FACTS, 1500)

    assert country.exchange_rate == Decimal("1600.23")
    assert country.estimated_gdp == Decimal("193228088.15")


def test_a_country_has_all_that_is_known_of_it() -> None:
    country = of(FACTS)

    assert country.id == 7
    assert country.name == "Nigeria"
    assert (country.capital, country.region) == ("Abuja", "Africa")
    assert country.population == 206_139_589
    assert country.currency_code == "NGN"
    assert country.flag_url == "https://flagcdn.com/ng.svg"
    assert country.refreshed == NOON


@pytest.mark.parametrize("currency", [None, ""])
def test_without_a_currency_the_gdp_is_0_and_the_rest_null(currency: str | None) -> None:
    country = of(replace(FACTS, currency=currency))

    assert country.currency_code is None
    assert country.exchange_rate is None
    assert country.estimated_gdp == 0


def test_with_a_currency_that_has_no_rate_rate_and_gdp_are_null() -> None:
    country = of(replace(FACTS, currency="KPW"))

    assert country.currency_code == "KPW"
    assert country.exchange_rate is None
    assert country.estimated_gdp is None


def test_with_nobody_there_the_gdp_is_0() -> None:
    assert of(replace(FACTS, population=0)).estimated_gdp == 0


def test_with_a_rate_of_0_the_gdp_is_0() -> None:
    assert of(replace(FACTS, currency="XXX")).estimated_gdp == 0


def test_the_largest_figures_that_the_upstreams_allow_fit() -> None:
    facts = replace(FACTS, population=10**10 - 1, currency="TINY")

    country = joined(facts, {"TINY": Decimal("1e-9")}, multiplier=2000, number=1, refreshed=NOON)

    assert country.estimated_gdp == Decimal(10**10 - 1) * 2000 * 10**9


def test_each_country_draws_a_multiplier_of_its_own_from_1000_to_2000() -> None:
    facts = [replace(FACTS, name=f"Land {n}", population=1, currency="USD") for n in range(9000)]
    rates = Rates("USD", NOON.date(), RATES)

    drawn = [country.estimated_gdp for country in snapshot(facts, rates, Place(NOON, 1), Random(7))]

    assert set(drawn) == {Decimal(number) for number in range(1000, 2001)}


def test_the_next_refresh_draws_anew_and_the_same_randomness_the_same() -> None:
    rates = Rates("USD", NOON.date(), RATES)
    place = Place(NOON, 1)

    first, again, other = (snapshot([FACTS] * 20, rates, place, Random(s)) for s in (1, 1, 2))

    assert first == again
    assert first != other


def test_a_snapshot_hands_out_ids_from_its_place() -> None:
    rates = Rates("USD", NOON.date(), RATES)

    countries = snapshot([FACTS, replace(FACTS, name="Ghana")], rates, Place(NOON, 251), Random(7))

    assert [country.id for country in countries] == [251, 252]
