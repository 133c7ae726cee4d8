"""open.er-api.com and the cache in front of it."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tasks.countries.upstreams.base import UpstreamUnavailable
from tasks.countries.upstreams.http import Http
from tasks.countries.upstreams.rates_cache import CachedRates
from tests.unit.tasks.countries.upstream_server import (
    Answer,
    FakeClock,
    MemoryRatesCache,
    UpstreamServer,
    rates,
    upstream_server,
)

NEXT_UPDATE = datetime(2026, 11, 23, 0, 2, 31, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    with upstream_server() as running:
        running.will_answer(rates())
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def cache() -> MemoryRatesCache:
    return MemoryRatesCache()


@pytest.fixture
def http(server: UpstreamServer, clock: FakeClock, cache: MemoryRatesCache) -> Http:
    return Http(key="k", cache=cache, clock=clock, rates_url=server.url)


def test_rates_are_exact_decimals_of_their_day(http: Http, server: UpstreamServer) -> None:
    found = http.rates()

    assert found.base == "USD"
    assert found.as_of == date(2026, 11, 22)
    assert found.rates["EUR"] == Decimal("0.895095")
    assert found.rates["USD"] == 1
    assert len(found.rates) == 160
    assert all(type(rate) is Decimal for rate in found.rates.values())
    assert "Authorization" not in server.requests[0].headers


def test_rates_are_not_asked_for_again_before_the_api_has_new_ones(
    http: Http, server: UpstreamServer, clock: FakeClock
) -> None:
    first = http.rates()
    clock.time = NEXT_UPDATE

    assert http.rates() == first
    assert len(server.requests) == 1


def test_rates_are_asked_for_again_once_the_api_has_new_ones(
    http: Http, server: UpstreamServer, clock: FakeClock
) -> None:
    http.rates()
    clock.time = NEXT_UPDATE + timedelta(seconds=301)
    server.will_answer(rates(time_last_update_unix=1795392151, time_next_update_unix=1795478551))

    assert http.rates().as_of == date(2026, 11, 23)
    assert len(server.requests) == 2


def test_the_next_visit_is_staggered_as_the_api_asks(http: Http, cache: MemoryRatesCache) -> None:
    http.rates()

    assert cache.kept is not None
    assert NEXT_UPDATE + timedelta(seconds=30) <= cache.kept.until
    assert cache.kept.until <= NEXT_UPDATE + timedelta(seconds=300)


def test_no_answer_is_kept_longer_than_two_days(
    http: Http, server: UpstreamServer, clock: FakeClock, cache: MemoryRatesCache
) -> None:
    server.will_answer(rates(time_next_update_unix=4102444800))

    http.rates()

    assert cache.kept is not None
    assert cache.kept.until == clock.now() + timedelta(days=2)


@pytest.mark.parametrize("broken", ["", "{", "null", '{"result": "success"}', '{"rates": NaN}'])
def test_a_broken_cache_costs_a_request_and_is_mended(
    http: Http, server: UpstreamServer, cache: MemoryRatesCache, broken: str
) -> None:
    cache.kept = CachedRates(broken, NEXT_UPDATE)

    assert len(http.rates().rates) == 160
    assert len(http.rates().rates) == 160
    assert len(server.requests) == 1


def test_an_old_answer_does_not_stand_in_for_a_failed_one(
    http: Http, server: UpstreamServer, cache: MemoryRatesCache, clock: FakeClock
) -> None:
    cache.kept = CachedRates(json.dumps(rates().body), clock.now())
    server.will_answer(Answer(status=503))

    with pytest.raises(UpstreamUnavailable):
        http.rates()


def test_a_failed_answer_is_not_kept(
    http: Http, server: UpstreamServer, cache: MemoryRatesCache
) -> None:
    server.will_answer(rates(result="error"))

    with pytest.raises(UpstreamUnavailable):
        http.rates()

    assert cache.kept is None


def test_an_announced_end_of_the_api_is_a_warning(
    http: Http, server: UpstreamServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.will_answer(rates(time_eol_unix=1798761600))

    with caplog.at_level(logging.WARNING):
        http.rates()

    assert "rates.api_ends api=open.er-api.com at=2027-01-01T00:00:00+00:00" in caplog.text


def test_no_end_is_no_warning(http: Http, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        http.rates()

    assert not caplog.records


def test_a_result_of_error_with_status_200_is_a_failure(http: Http, server: UpstreamServer) -> None:
    server.will_answer(Answer({"result": "error", "error-type": "unsupported-code"}))

    with pytest.raises(UpstreamUnavailable) as caught:
        http.rates()

    assert str(caught.value) == (
        "Could not fetch data from open.er-api.com: 200 with an error body: unsupported-code"
    )
    assert len(server.requests) == 1


def test_the_limit_of_the_api_is_a_failure(http: Http, server: UpstreamServer) -> None:
    server.will_answer(Answer(b"rate limited", status=429, headers={"Retry-After": "1200"}))

    with pytest.raises(UpstreamUnavailable, match="429 Too Many Requests"):
        http.rates()

    assert len(server.requests) == 1


def with_rate(code: str, value: Any) -> dict[str, Any]:
    return {"rates": rates().body["rates"] | {code: value}}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"result": "maybe"}, "result should be success"),
        ({"result": None}, "result should be a text, but is missing"),
        ({"base_code": "EUR"}, "base_code should be USD"),
        ({"rates": []}, "rates should be an object, but is a list"),
        ({"rates": {}}, "rates should be at least 100, but are 0"),
        ({"rates": {"USD": 1, "EUR": 0.9}}, "rates should be at least 100, but are 2"),
        ({"time_last_update_unix": "today"}, "time_last_update_unix should be a whole number"),
        ({"time_next_update_unix": 10**20}, "time_next_update_unix should be a time"),
        (with_rate("NGN", "1500"), "the rate of NGN should be a number, but is a text"),
        (with_rate("NGN", None), "the rate of NGN should be a number, but is missing"),
        (with_rate("NGN", True), "the rate of NGN should be a number, but is a boolean"),
        (with_rate("NGN", 0), "the rate of NGN should be believable"),
        (with_rate("NGN", -1.5), "the rate of NGN should be believable"),
        (with_rate("NGN", 1e300), "the rate of NGN should be believable"),
        (with_rate("naira", 1500), "a currency should be three capital letters"),
        (with_rate("USD", 2), "the rate of USD should be 1"),
        (with_rate("NGN", float("nan")), "the body should be JSON"),
    ],
)
def test_rates_that_are_not_the_promised_ones_are_a_failure_although_the_status_is_200(
    http: Http, server: UpstreamServer, changes: dict[str, Any], reason: str
) -> None:
    server.will_answer(rates(**changes))

    with pytest.raises(UpstreamUnavailable, match=f"200 with an unexpected body: {reason}"):
        http.rates()

    assert len(server.requests) == 1


def test_the_attribution_is_the_one_the_terms_require(http: Http) -> None:
    assert "Rates By Exchange Rate API" in http.attribution
    assert "https://www.exchangerate-api.com" in http.attribution
