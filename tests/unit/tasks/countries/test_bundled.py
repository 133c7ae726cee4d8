"""The upstream that needs no network."""

from datetime import date
from decimal import Decimal

import pytest

from tasks.countries.upstreams.base import CountryFacts, UpstreamUnavailable
from tasks.countries.upstreams.bundled import Bundled, Fault
from windrow.errors import is_retryable


def test_it_knows_250_countries() -> None:
    countries = {country.name: country for country in Bundled().countries()}

    assert len(countries) == 250
    assert countries["Nigeria"] == CountryFacts(
        name="Nigeria",
        capital="Abuja",
        region="Africa",
        population=195874740,
        flag="https://flagcdn.com/ng.svg",
        currency="NGN",
    )


def test_what_is_unknown_is_none() -> None:
    countries = {country.name: country for country in Bundled().countries()}

    assert countries["Antarctica"] == CountryFacts(
        name="Antarctica",
        capital=None,
        region="Antarctic",
        population=0,
        flag="https://flagcdn.com/aq.svg",
        currency=None,
    )


def test_only_the_first_of_several_currencies_counts() -> None:
    countries = {country.name: country for country in Bundled().countries()}

    assert countries["Panama"].currency == "PAB"


def test_rates_are_exact_decimals_for_one_dollar() -> None:
    rates = Bundled().rates()

    assert rates.base == "USD"
    assert rates.as_of == date(2026, 10, 30)
    assert rates.rates["AED"] == Decimal("3.6725")
    assert all(type(rate) is Decimal for rate in rates.rates.values())


def test_the_attribution_says_that_the_rates_are_samples_and_names_geonames() -> None:
    assert Bundled().attribution.startswith("Offline sample rates")
    assert "GeoNames (CC BY 4.0)" in Bundled().attribution


def test_a_fault_makes_one_of_the_two_fail_and_leaves_the_other() -> None:
    without_countries = Bundled(fail=Fault.COUNTRIES)
    without_rates = Bundled(fail=Fault.RATES)

    with pytest.raises(UpstreamUnavailable, match=r"data from restcountries\.com"):
        without_countries.countries()
    with pytest.raises(UpstreamUnavailable, match=r"data from open\.er-api\.com"):
        without_rates.rates()
    assert without_countries.rates() == Bundled().rates()
    assert without_rates.countries() == Bundled().countries()


def test_an_unavailable_upstream_is_not_worth_another_try_of_the_task() -> None:
    assert not is_retryable(UpstreamUnavailable("restcountries.com", "503"))
