"""restcountries v5, against a server that answers as it does, on good days and bad."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tasks.countries.upstreams.base import CountryFacts, UpstreamUnavailable
from tasks.countries.upstreams.http import Http
from tests.unit.tasks.countries.upstream_server import (
    Answer,
    FakeClock,
    MemoryRatesCache,
    UpstreamServer,
    country,
    deprecated,
    page,
    three_pages,
    upstream_server,
)

KEY = "rc_test_0123456789"


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    with upstream_server() as running:
        yield running


@pytest.fixture
def http(server: UpstreamServer) -> Http:
    return Http(key=KEY, cache=MemoryRatesCache(), clock=FakeClock(), countries_url=server.url)


def test_three_pages_are_read_to_the_end_with_the_key(server: UpstreamServer, http: Http) -> None:
    server.will_answer(*three_pages())

    countries = http.countries()

    assert len(countries) == 250
    assert countries[7] == CountryFacts(
        name="Country 7",
        capital="Capital 7",
        region="Africa",
        population=1007,
        flag="https://flags.example/7.svg",
        currency="NGN",
    )
    assert [request.query["offset"] for request in server.requests] == ["0", "100", "200"]
    assert {request.query["limit"] for request in server.requests} == {"100"}
    assert {request.headers["Authorization"] for request in server.requests} == {f"Bearer {KEY}"}
    assert {request.path for request in server.requests} == {"/api"}


def test_pages_smaller_than_asked_for_are_read_to_the_end_too(
    server: UpstreamServer, http: Http
) -> None:
    countries = [country(number) for number in range(250)]
    server.will_answer(*(page(countries[at : at + 25], more=at < 225) for at in range(0, 250, 25)))

    assert len(http.countries()) == 250
    assert [request.query["offset"] for request in server.requests][-1] == "225"


def test_what_a_country_lacks_is_none(server: UpstreamServer, http: Http) -> None:
    pages = three_pages()
    bare = {"names": {"common": "Antarctica"}, "population": 0}
    empty = country(248, capitals=[], currencies=[], region="", flag={"url_svg": ""})
    pages[2] = page([*(country(number) for number in range(200, 248)), bare, empty], more=False)
    server.will_answer(*pages)

    antarctica, other = http.countries()[-2:]

    assert antarctica == CountryFacts("Antarctica", None, None, 0, None, None)
    assert other == CountryFacts("Country 248", None, None, 1248, None, None)


def test_only_the_first_of_several_currencies_counts(server: UpstreamServer, http: Http) -> None:
    pages = three_pages()
    several = country(249, currencies=[{"code": "PAB"}, {"code": "USD"}])
    pages[2] = page([*(country(number) for number in range(200, 249)), several], more=False)
    server.will_answer(*pages)

    assert http.countries()[-1].currency == "PAB"


def test_the_old_versions_answer_of_200_with_an_error_body_is_a_failure(
    server: UpstreamServer, http: Http
) -> None:
    server.will_answer(deprecated())

    with pytest.raises(UpstreamUnavailable) as caught:
        http.countries()

    assert str(caught.value) == (
        "Could not fetch data from restcountries.com: 200 with an error body: "
        "This API version has been deprecated. Please migrate to v5."
    )
    assert caught.value.api == "restcountries.com"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_not_tried_again(server: UpstreamServer, http: Http, status: int) -> None:
    server.will_answer(Answer({"errors": [{"message": "Quota exceeded"}]}, status=status))

    with pytest.raises(UpstreamUnavailable, match=rf"{status} \w+: Quota exceeded"):
        http.countries()

    assert len(server.requests) == 1


def test_a_key_that_the_api_repeats_is_not_repeated_by_us(
    server: UpstreamServer, http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    errors = {"errors": [{"message": f"{'x' * 180} the key {KEY} is not known"}]}
    server.will_answer(Answer(errors, status=500))

    with pytest.raises(UpstreamUnavailable) as caught:
        http.countries()

    assert caught.value.__cause__ is not None
    for said in (str(caught.value), str(caught.value.__cause__), repr(http), caplog.text):
        assert KEY[:4] not in said


def change_first(**changes: Any) -> Callable[[], list[Answer]]:
    return lambda: [page([country(0, **changes)])]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (lambda: [Answer(b"<!doctype html><h1>It works!</h1>")], "the body should be JSON"),
        (lambda: [Answer(b"")], "the body should be JSON"),
        (lambda: [Answer(b'{"data": {"objects": [{"names"')], "the body should be JSON"),
        (lambda: [Answer(b'{"data": NaN}')], "the body should be JSON"),
        (lambda: [Answer(b'{"data": 1e99999999999999999999}')], "the body should be JSON"),
        (lambda: [Answer(b"\xff\xfe\xfa")], "the body should be JSON"),
        (lambda: [Answer(b"[" * 200_000)], "the body should be JSON"),
        (lambda: [Answer(b"9" * 10_000)], "the body should be JSON"),
        (lambda: [Answer([])], "the body should be an object, but is a list"),
        (lambda: [Answer({})], "data should be an object, but is missing"),
        (lambda: [Answer({"data": {"message": "Demo key."}})], "meta should be an object"),
        (lambda: [page([])], "objects should not be empty"),
        (lambda: [page([country(0)], total=12)], "total should be about 250, but is 12"),
        (lambda: [page(["Nigeria"])], "a country should be an object, but is a text"),  # type: ignore[list-item]
        (change_first(names={}), "names.common should not be empty"),
        (change_first(names={"common": "x" * 201}), "common should be at most 200"),
        (change_first(names={"common": 7}), "common should be a text, but is a whole number"),
        (change_first(population="1000"), "population should be a whole number, but is a text"),
        (change_first(population=True), "population should be a whole number, but is a boolean"),
        (change_first(population=None), "population should be a whole number, but is missing"),
        (change_first(population=1.5), "population should be a whole number, but is a number"),
        (change_first(population=-1), "the population of Country 0 should be believable"),
        (change_first(currencies={"NGN": {}}), "currencies should be a list, but is an object"),
        (change_first(currencies=["NGN"]), "an element of currencies should be an object"),
        (change_first(currencies=[{"code": "naira"}]), "the currency of Country 0 should be three"),
        (change_first(capitals="Abuja"), "capitals should be a list, but is a text"),
        (change_first(flag="🇳🇬"), "flag should be an object, but is a text"),
    ],
)
def test_a_body_that_is_not_the_promised_one_is_a_failure_although_the_status_is_200(
    server: UpstreamServer, http: Http, answers: Callable[[], list[Answer]], reason: str
) -> None:
    server.will_answer(*answers())

    with pytest.raises(UpstreamUnavailable, match=f"200 with an unexpected body: {reason}"):
        http.countries()

    assert len(server.requests) == 1


def test_a_body_without_end_is_left_after_five_megabytes(
    server: UpstreamServer, http: Http
) -> None:
    server.will_answer(Answer(b" " * 5_000_001))

    with pytest.raises(UpstreamUnavailable, match="200 with more than 5,000,000 bytes"):
        http.countries()

    assert len(server.requests) == 1


def test_a_page_that_comes_again_and_again_is_a_failure(server: UpstreamServer, http: Http) -> None:
    server.will_answer(three_pages()[0])

    with pytest.raises(UpstreamUnavailable, match="Country 0 came twice"):
        http.countries()

    assert len(server.requests) == 2


def test_one_name_in_two_spellings_is_a_failure(server: UpstreamServer, http: Http) -> None:
    server.will_answer(page([country(0), country(1, names={"common": "COUNTRY 0"})]))

    with pytest.raises(UpstreamUnavailable, match="COUNTRY 0 came twice"):
        http.countries()


def test_a_last_page_that_came_too_early_is_a_failure(server: UpstreamServer, http: Http) -> None:
    first, second, _ = three_pages()
    assert second.body["data"]["meta"].pop("more")
    second.body["data"]["meta"]["more"] = False
    server.will_answer(first, second)

    with pytest.raises(UpstreamUnavailable, match="200 countries came where 250 were promised"):
        http.countries()


def test_a_failure_on_the_last_page_fails_the_whole(server: UpstreamServer, http: Http) -> None:
    first, second, _ = three_pages()
    server.will_answer(first, second, deprecated())

    with pytest.raises(UpstreamUnavailable, match="deprecated"):
        http.countries()


def test_a_redirect_is_not_followed(server: UpstreamServer, http: Http) -> None:
    server.will_answer(Answer(status=301, headers={"Location": f"{server.url}/elsewhere"}))

    with pytest.raises(UpstreamUnavailable, match=re.escape("301 Moved Permanently")):
        http.countries()

    assert len(server.requests) == 1
