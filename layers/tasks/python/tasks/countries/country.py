"""A country and its estimated GDP, by the rules of the exercise that seed 000 comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tasks.countries.upstreams.base import CountryFacts

# Each refresh draws a whole number of these for each country, both ends included.
LOWEST_MULTIPLIER = 1000
HIGHEST_MULTIPLIER = 2000
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """One country as it is stored and shown.

    exchange_rate   units of its currency for one US dollar; None where no rate is known
    estimated_gdp   in US dollars; None where the rate is not known, 0 where there is no currency
    refreshed       the time of the refresh that these values come from
    """

    id: int
    name: str
    capital: str | None
    region: str | None
    population: int
    currency_code: str | None
    exchange_rate: Decimal | None
    estimated_gdp: Decimal | None
    flag_url: str | None
    refreshed: datetime


def joined(
    facts: CountryFacts,
    rates: Mapping[str, Decimal],
    *,
    multiplier: int,
    number: int,
    refreshed: datetime,
) -> Country:
    """A country with the rate of its currency and its GDP; `number` is its id if it is new."""
    rate = rates.get(facts.currency) if facts.currency else None
    return Country(
        id=number,
        name=facts.name,
        capital=facts.capital,
        region=facts.region,
        population=facts.population,
        currency_code=facts.currency or None,
        exchange_rate=rate,
        estimated_gdp=_gdp(facts, rate, multiplier),
        flag_url=facts.flag,
        refreshed=refreshed,
    )


def _gdp(facts: CountryFacts, rate: Decimal | None, multiplier: int) -> Decimal | None:
    if not facts.currency:
        return Decimal(0)
    if rate is None:
        return None
    if rate == 0:
        return Decimal(0)
    return (facts.population * multiplier / rate).quantize(CENT)
