"""open.er-api.com: rates for one US dollar, new once a day, free without a key.

Its terms allow caching, forbid redistribution, and ask for a link wherever the rates are shown: the
attribution of the http upstream carries it. It asks to be left alone until the time that each
answer names, and locks out for 20 minutes those who come too often.
"""

import json
import logging
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

from tasks.countries.upstreams.base import RATES_API, Rates
from tasks.countries.upstreams.fetch import Fetch, Pace
from tasks.countries.upstreams.rates_cache import RatesCache
from tasks.countries.upstreams.shape import Misshapen, decoded, member, must
from windrow.clock import Clock

log = logging.getLogger(__name__)

URL = "https://open.er-api.com/v6/latest/USD"
BASE = "USD"
FEWEST_RATES = 100
"""It gives about 160."""
CURRENCY_CODE = re.compile(r"[A-Z]{3}")
LOWEST, HIGHEST = Decimal("1e-9"), Decimal("1e12")
TEN_DIGITS = Context(prec=10)
# So that not all the world's caches come back in the same second, as they ask.
STAGGER = (timedelta(seconds=30), timedelta(seconds=300))
LONGEST_CACHED = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Quote:
    """A checked answer."""

    rates: Rates
    next_update: datetime
    ends: datetime | None
    """When this endpoint will be switched off, once that is decided."""


class ExchangeRates:
    """Rates from the cache while they are current, from the API otherwise."""

    def __init__(self, *, cache: RatesCache, clock: Clock, pace: Pace, url: str = URL) -> None:
        self._cache = cache
        self._clock = clock
        self._pace = pace
        self._url = url

    def latest(self) -> Rates:
        """Raises `UpstreamUnavailable`."""
        return self._cached() or self._fetched()

    def _cached(self) -> Rates | None:
        cached = self._cache.get()
        if cached is None or cached.until <= self._clock.now():
            return None
        try:
            return quote_of(decoded(cached.rates_json)).rates
        except Misshapen as error:
            log.warning("rates.cache_unreadable reason=%s", error)
            return None

    def _fetched(self) -> Rates:
        with Fetch(RATES_API, self._url, clock=self._clock, pace=self._pace) as fetch:
            document, quote = fetch.get(lambda body: (body, quote_of(body)))
        if quote.ends:
            log.warning("rates.api_ends api=%s at=%s", RATES_API, quote.ends.isoformat())
        until = quote.next_update + STAGGER[0] + random.random() * (STAGGER[1] - STAGGER[0])
        until = min(until, self._clock.now() + LONGEST_CACHED)
        self._cache.put(json.dumps(document, default=float), until)
        return quote.rates


def quote_of(document: object) -> Quote:
    """A quote from {"result": "success", "base_code": "USD", "rates": {"AED": 3.67, ...}, ...}."""
    body = must(document, dict, "the body")
    if (result := member(body, "result", str)) != "success":
        raise Misshapen(f"result should be success, but is {result[:50]!r}")
    if (base := member(body, "base_code", str)) != BASE:
        raise Misshapen(f"base_code should be {BASE}, but is {base[:50]!r}")
    rates = {code: rate_of(code, value) for code, value in member(body, "rates", dict).items()}
    if len(rates) < FEWEST_RATES:
        raise Misshapen(f"rates should be at least {FEWEST_RATES}, but are {len(rates)}")
    if rates.get(BASE) != 1:
        raise Misshapen(f"the rate of {BASE} should be 1")
    return Quote(
        rates=Rates(BASE, instant(body, "time_last_update_unix").date(), rates),
        next_update=instant(body, "time_next_update_unix"),
        ends=instant(body, "time_eol_unix") if body.get("time_eol_unix") else None,
    )


def rate_of(code: str, value: Any) -> Decimal:
    if not CURRENCY_CODE.fullmatch(code):
        raise Misshapen("a currency should be three capital letters")
    rate = Decimal(value) if type(value) is int else must(value, Decimal, f"the rate of {code}")
    if not LOWEST < rate < HIGHEST:
        raise Misshapen(f"the rate of {code} should be believable")
    return TEN_DIGITS.plus(rate)


def instant(body: dict[str, Any], key: str) -> datetime:
    seconds = member(body, key, int)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise Misshapen(f"{key} should be a time in seconds since 1970") from error
