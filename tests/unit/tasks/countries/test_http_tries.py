"""When an API is tried again, when not, and for how long it is waited for."""

import logging
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tasks.countries.upstreams.base import UpstreamUnavailable
from tasks.countries.upstreams.fetch import Pace
from tasks.countries.upstreams.http import Http
from tests.unit.tasks.countries.upstream_server import (
    Answer,
    FakeClock,
    MemoryRatesCache,
    UpstreamServer,
    rates,
    three_pages,
    upstream_server,
)

BUSY = Answer({"errors": [{"message": "Too many requests"}]}, status=429)


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    with upstream_server() as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def http(server: UpstreamServer, clock: FakeClock, pace: Pace | None = None) -> Http:
    return Http(
        key="k",
        cache=MemoryRatesCache(),
        clock=clock,
        pace=pace or Pace(),
        countries_url=server.url,
        rates_url=server.url,
    )


def test_a_server_error_that_passes_costs_one_more_request(
    server: UpstreamServer, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    server.will_answer(Answer(status=500), rates())

    with caplog.at_level(logging.WARNING):
        http(server, clock).rates()

    assert len(server.requests) == 2
    assert "upstream.stumbled api=open.er-api.com try=1" in caplog.text


def test_a_server_error_that_stays_is_tried_three_times(
    server: UpstreamServer, clock: FakeClock
) -> None:
    server.will_answer(Answer(b"<h1>Bad gateway</h1>", status=502))

    with pytest.raises(UpstreamUnavailable, match=r"open.er-api.com: 502 Bad Gateway$"):
        http(server, clock).rates()

    assert len(server.requests) == 3


def test_waits_are_drawn_at_random_and_may_double(
    server: UpstreamServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.random", lambda: 0.5)
    server.will_answer(Answer(status=500))

    with pytest.raises(UpstreamUnavailable):
        http(server, clock).rates()

    assert clock.waits == [timedelta(seconds=0.5), timedelta(seconds=1)]


def test_each_page_has_its_own_tries(server: UpstreamServer, clock: FakeClock) -> None:
    first, second, third = three_pages()
    down = Answer(status=503)
    server.will_answer(down, down, first, down, second, down, down, third)

    assert len(http(server, clock).countries()) == 250
    assert len(server.requests) == 8


def test_a_retry_after_is_obeyed(server: UpstreamServer, clock: FakeClock) -> None:
    asked = Answer(status=429, headers={"Retry-After": "7"})
    server.will_answer(asked, rates())

    http(server, clock).rates()

    assert clock.waits == [timedelta(seconds=7)]
    assert len(server.requests) == 2


@pytest.mark.parametrize("retry_after", ["1200", "Sun, 22 Nov 2099 12:00:00 GMT"])
def test_a_retry_after_beyond_our_time_ends_it_at_once(
    server: UpstreamServer, clock: FakeClock, retry_after: str
) -> None:
    server.will_answer(Answer(BUSY.body, status=429, headers={"Retry-After": retry_after}))

    with pytest.raises(UpstreamUnavailable, match=r"429 .*: Too many requests \(Retry-After: "):
        http(server, clock).rates()

    assert clock.waits == []
    assert len(server.requests) == 1


def test_an_unreadable_retry_after_is_no_retry_after(
    server: UpstreamServer, clock: FakeClock
) -> None:
    server.will_answer(Answer(status=503, headers={"Retry-After": "soon"}), rates())

    http(server, clock).rates()

    assert clock.waits[0] < timedelta(seconds=1)


def test_all_pages_and_tries_share_one_limit(server: UpstreamServer, clock: FakeClock) -> None:
    first, second, third = three_pages()
    slow = Answer(status=503, headers={"Retry-After": "9"})
    server.will_answer(slow, first, slow, second, slow, third)

    with pytest.raises(UpstreamUnavailable, match="503"):
        http(server, clock).countries()

    assert clock.waits == [timedelta(seconds=9)] * 2
    assert len(server.requests) == 5


def test_each_api_has_a_limit_of_its_own(server: UpstreamServer, clock: FakeClock) -> None:
    slow = Answer(status=503, headers={"Retry-After": "15"})
    server.will_answer(slow, *three_pages(), slow, rates())
    upstreams = http(server, clock)

    upstreams.countries()
    upstreams.rates()

    assert clock.waits == [timedelta(seconds=15)] * 2


def test_both_limits_leave_a_third_of_a_workers_minute(clock: FakeClock) -> None:
    assert 2 * Pace().limit <= timedelta(seconds=40)


def test_a_silent_api_is_given_up_after_the_timeout_and_tried_again(
    server: UpstreamServer, clock: FakeClock
) -> None:
    server.will_answer(Answer(silent=True))

    with pytest.raises(UpstreamUnavailable, match=r"no answer within 0\.05 s"):
        http(server, clock, Pace(timeout=timedelta(seconds=0.05))).rates()

    assert len(server.requests) == 3


def test_an_answer_cut_off_in_the_middle_is_tried_again(
    server: UpstreamServer, clock: FakeClock
) -> None:
    whole = rates()
    server.will_answer(Answer(whole.body, missing=10), whole)

    http(server, clock).rates()

    assert len(server.requests) == 2


def test_an_api_that_is_not_there_is_named(clock: FakeClock) -> None:
    with socket.socket() as taken:
        # Bound, but never listening: whoever connects is refused.
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        upstreams = Http(key="k", cache=MemoryRatesCache(), clock=clock, countries_url=nowhere)

        with pytest.raises(UpstreamUnavailable, match=r"restcountries.com: .*Connection refused"):
            upstreams.countries()

    assert len(clock.waits) == 2


def test_an_answer_that_trickles_is_left_when_the_time_is_over(server: UpstreamServer) -> None:
    class Hurried(FakeClock):
        """A second passes at each look."""

        def now(self) -> object:  # type: ignore[override]
            self.time += timedelta(seconds=1)
            return self.time

    server.will_answer(Answer(b" " * 4_000_000))

    with pytest.raises(UpstreamUnavailable, match="no complete answer within 20 s"):
        http(server, Hurried()).rates()

    assert len(server.requests) == 1
