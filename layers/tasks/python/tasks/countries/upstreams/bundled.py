"""The upstream without a network: files that ship with the code (their story: data/NOTICE.md)."""

import json
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from tasks.countries.upstreams.base import (
    COUNTRIES_API,
    RATES_API,
    CountryFacts,
    Rates,
    UpstreamUnavailable,
)

DATA = Path(__file__).parents[1] / "data"


class Fault(StrEnum):
    """Which upstream to play dead; for tests that need a failing refresh."""

    NONE = ""
    COUNTRIES = "countries"
    RATES = "rates"


class Bundled:
    """Answers from files, always the same; `fail` makes one of the two raise instead."""

    attribution = (
        "Offline sample rates: ECB reference rates, official pegs and illustrative figures. "
        "Countries: GeoNames (CC BY 4.0), Unicode CLDR."
    )

    def __init__(self, *, fail: Fault = Fault.NONE) -> None:
        self._fail = fail

    def countries(self) -> list[CountryFacts]:
        if self._fail is Fault.COUNTRIES:
            raise UpstreamUnavailable(COUNTRIES_API, "a fault was asked for")
        return [_facts(country) for country in _read("countries.json")]

    def rates(self) -> Rates:
        if self._fail is Fault.RATES:
            raise UpstreamUnavailable(RATES_API, "a fault was asked for")
        document = _read("rates.json")
        return Rates(
            base=document["base_code"],
            as_of=date.fromisoformat(document["as_of"]),
            rates={code: Decimal(rate) for code, rate in document["rates"].items()},
        )


def _read(name: str) -> Any:
    text = (DATA / name).read_text(encoding="utf-8")
    return json.loads(text, parse_float=Decimal)


def _facts(country: dict[str, Any]) -> CountryFacts:
    """From the shape of restcountries v2, which leaves out a key it has no value for."""
    currencies = country.get("currencies", [])
    return CountryFacts(
        name=country["name"],
        capital=country.get("capital"),
        region=country.get("region"),
        population=country["population"],
        flag=country.get("flag"),
        currency=currencies[0]["code"] if currencies else None,
    )
