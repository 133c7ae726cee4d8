"""The upstream with a network: restcountries.com for facts, open.er-api.com for rates."""

from tasks.countries.upstreams import er_api, restcountries
from tasks.countries.upstreams.base import COUNTRIES_API, CountryFacts, Rates
from tasks.countries.upstreams.fetch import Fetch, Pace
from tasks.countries.upstreams.rates_cache import RatesCache
from windrow.clock import Clock

PATIENT = Pace()


class Http:
    """Asks both APIs; holds no connection between two refreshes."""

    # The words and the link that the terms of open.er-api.com require.
    attribution = (
        "Rates By Exchange Rate API (https://www.exchangerate-api.com). "
        "Countries: REST Countries (https://restcountries.com)."
    )

    def __init__(
        self,
        *,
        key: str,
        cache: RatesCache,
        clock: Clock,
        pace: Pace = PATIENT,
        countries_url: str = restcountries.URL,
        rates_url: str = er_api.URL,
    ) -> None:
        self._key = key
        self._clock = clock
        self._pace = pace
        self._countries_url = countries_url
        self._rates = er_api.ExchangeRates(cache=cache, clock=clock, pace=pace, url=rates_url)

    def countries(self) -> list[CountryFacts]:
        with Fetch(
            COUNTRIES_API, self._countries_url, clock=self._clock, pace=self._pace, key=self._key
        ) as fetch:
            return restcountries.all_countries(fetch)

    def rates(self) -> Rates:
        return self._rates.latest()
