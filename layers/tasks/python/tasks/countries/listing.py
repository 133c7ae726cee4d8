"""Which countries a list shows, and in which order."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from tasks.countries.country import Country


class Sort(StrEnum):
    """The orders that a list can have."""

    GDP_DESC = "gdp_desc"
    GDP_ASC = "gdp_asc"
    NAME_ASC = "name_asc"
    NAME_DESC = "name_desc"
    POPULATION_DESC = "population_desc"
    POPULATION_ASC = "population_asc"


def select(
    countries: Iterable[Country],
    *,
    region: str | None = None,
    currency: str | None = None,
    sort: Sort = Sort.NAME_ASC,
) -> list[Country]:
    """The countries of a region and a currency, in any case; equal ones stay in order of name.

    A country whose GDP is not known comes last in both orders by GDP.
    """
    found = [
        country
        for country in countries
        if _is(country.region, region) and _is(country.currency_code, currency)
    ]
    found.sort(key=_name)
    match sort:
        case Sort.NAME_ASC:
            pass
        case Sort.NAME_DESC:
            found.sort(key=_name, reverse=True)
        case Sort.POPULATION_ASC:
            found.sort(key=_population)
        case Sort.POPULATION_DESC:
            found.sort(key=_population, reverse=True)
        case Sort.GDP_ASC | Sort.GDP_DESC:
            found.sort(key=_gdp, reverse=sort is Sort.GDP_DESC)
            found.sort(key=_has_no_gdp)
        case _:
            assert_never(sort)
    return found


def _is(value: str | None, wanted: str | None) -> bool:
    if wanted is None:
        return True
    return value is not None and value.casefold() == wanted.casefold()


def _name(country: Country) -> str:
    return country.name.casefold()


def _population(country: Country) -> int:
    return country.population


def _gdp(country: Country) -> Decimal:
    return country.estimated_gdp or Decimal(0)


def _has_no_gdp(country: Country) -> bool:
    return country.estimated_gdp is None
