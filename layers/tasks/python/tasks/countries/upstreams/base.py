"""What the refresh asks of its upstreams, and how they fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Protocol

from windrow.errors import WindrowError

# The names under which users know the two APIs, whichever upstream stands in for them.
COUNTRIES_API = "restcountries.com"
RATES_API = "open.er-api.com"


@dataclass(frozen=True, slots=True)
class CountryFacts:
    """One country as an upstream knows it; None for what it does not know."""

    name: str
    capital: str | None
    region: str | None
    population: int
    flag: str | None
    """The address of a picture."""
    currency: str | None
    """The code of its first currency; further ones are ignored."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Units of each currency for one unit of `base`, all above zero."""

    base: str
    as_of: date
    rates: Mapping[str, Decimal]


class Upstreams(Protocol):
    """Both sources of a refresh. Either answers whole and checked, or raises."""

    @property
    def attribution(self) -> str:
        """The sentence that names the sources wherever their figures are shown."""
        ...

    def countries(self) -> list[CountryFacts]:
        """All countries, no name twice whatever its case. Raises `UpstreamUnavailable`."""
        ...

    def rates(self) -> Rates:
        """Today's rates for one US dollar. Raises `UpstreamUnavailable`."""
        ...


class UpstreamUnavailable(WindrowError):
    """An upstream did not give what it promises: down, refusing, or answering something else.

    Not retryable: the tries that could help were made before this was raised, and a user who waits
    is better told now than after minutes.
    """

    retryable: ClassVar[bool] = False

    def __init__(self, api: str, reason: str) -> None:
        self.api = api
        self.reason = reason
        super().__init__(f"Could not fetch data from {api}: {reason}")
