"""A country as a plain item, for the table and for a snapshot, and back."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tasks.countries.country import Country

type Item = dict[str, str | int | Decimal | None]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_item(country: Country) -> Item:
    """A country's attributes; None for what is not known."""
    return {
        "id": country.id,
        "name": country.name,
        "capital": country.capital,
        "region": country.region,
        "population": country.population,
        "currency_code": country.currency_code,
        "exchange_rate": country.exchange_rate,
        "estimated_gdp": country.estimated_gdp,
        "flag_url": country.flag_url,
        "refreshed": milliseconds(country.refreshed),
    }


def from_item(item: Mapping[str, Any]) -> Country:
    """The country of an item of the table, or of a snapshot, where fractions are texts."""
    return Country(
        id=item["id"],
        name=item["name"],
        capital=item.get("capital"),
        region=item.get("region"),
        population=item["population"],
        currency_code=item.get("currency_code"),
        exchange_rate=_fraction(item.get("exchange_rate")),
        estimated_gdp=_fraction(item.get("estimated_gdp")),
        flag_url=item.get("flag_url"),
        refreshed=instant(item["refreshed"]),
    )


def to_json(country: Country) -> dict[str, str | int | None]:
    """The item in JSON's types: a fraction as a text, so that none of it is lost."""
    return {
        name: str(value) if isinstance(value, Decimal) else value
        for name, value in to_item(country).items()
    }


def milliseconds(time: datetime) -> int:
    """A time as a whole number of milliseconds since 1970."""
    return (time - EPOCH) // MILLISECOND


def instant(number: int) -> datetime:
    """The time that is `number` milliseconds after 1970."""
    return EPOCH + number * MILLISECOND


def _fraction(value: str | int | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value)
