"""Refreshes that go wrong: what is told, what stays, and that the next one starts."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.countries import (
    countries,
    newest,
    refresh,
    start,
    status,
)
from tests.harness import Deployment
from tests.unit.tasks.countries.upstream_server import (
    Answer,
    UpstreamServer,
    deprecated,
    rates,
    three_pages,
    upstream_server,
)
from windrow.model.records import Failure

FETCH_FAILED = "Failed to fetch data from external API"


@pytest.fixture
def countries_api() -> Iterator[UpstreamServer]:
    with upstream_server() as server:
        yield server


@pytest.fixture
def rates_api() -> Iterator[UpstreamServer]:
    with upstream_server() as server:
        yield server


@pytest.fixture
def http(
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    countries_api: UpstreamServer,
    rates_api: UpstreamServer,
) -> None:
    """The http upstream, with a key in Secrets Manager and both APIs on this machine."""
    secret = {"Name": "countries", "SecretString": json.dumps({"key": "rc_test_0123456789"})}
    answer = deployment.port.call("secretsmanager", "CreateSecret", secret)
    monkeypatch.setenv("COUNTRIES_UPSTREAM", "http")
    monkeypatch.setenv("COUNTRIES_API_KEY_ARN", answer["ARN"])
    monkeypatch.setenv("COUNTRIES_API_URL", countries_api.url)
    monkeypatch.setenv("RATES_API_URL", rates_api.url)


def shown(deployment: Deployment) -> Any:
    """All that a reader sees but for the status of the refresh."""
    paths = ("/countries", "/status", "/countries/image")
    return [deployment.http("GET", path).body for path in paths]


def logged(deployment: Deployment, verb: str) -> list[str]:
    """The errors that were logged with a verb."""
    return [str(ids["exception"]) for said, ids in deployment.telemetry.events if said == verb]


@pytest.mark.parametrize(
    ("fault", "api"), [("countries", "restcountries.com"), ("rates", "open.er-api.com")]
)
def test_an_upstream_that_fails_changes_nothing_and_the_next_post_starts(
    few: Deployment, monkeypatch: pytest.MonkeyPatch, fault: str, api: str
) -> None:
    refresh(few)
    before = shown(few)

    monkeypatch.setenv("COUNTRIES_FAULT", fault)
    failed = refresh(few)

    assert (failed["is_running"], failed["status"]) == (False, "error")
    assert (failed["error"], failed["countries_processed"]) == (FETCH_FAILED, 0)
    assert shown(few) == before
    sentence = f"Could not fetch data from {api}: a fault was asked for"
    assert newest(few).error == Failure("UpstreamUnavailable", sentence)
    assert logged(few, "attempt.failed") == [sentence]

    monkeypatch.delenv("COUNTRIES_FAULT")
    assert refresh(few)["status"] == "completed"
    assert shown(few) != before


@pytest.mark.usefixtures("http")
def test_a_refresh_over_http_stores_what_both_apis_gave(
    deployment: Deployment, countries_api: UpstreamServer, rates_api: UpstreamServer
) -> None:
    countries_api.will_answer(*three_pages())
    rates_api.will_answer(rates())

    assert refresh(deployment)["countries_processed"] == 250

    (one,) = [each for each in countries(deployment) if each["name"] == "Country 7"]
    assert (one["currency_code"], one["exchange_rate"]) == ("NGN", 1500.25)
    assert one["flag_url"] == "https://flags.example/7.svg"


@pytest.mark.usefixtures("http")
@pytest.mark.parametrize(
    ("countries_answer", "rates_answer", "api"),
    [
        (deprecated(), rates(), "restcountries.com"),
        (Answer({"errors": [{"message": "no"}]}, status=403), rates(), "restcountries.com"),
        (None, Answer({"result": "error", "error-type": "quota-reached"}), "open.er-api.com"),
        (None, Answer(b"<html>", status=502), "open.er-api.com"),
    ],
    ids=["countries 200 with errors", "countries 403", "rates 200 with error", "rates 502"],
)
def test_an_api_that_gives_anything_else_fails_the_refresh_whatever_its_status(
    deployment: Deployment,
    countries_api: UpstreamServer,
    rates_api: UpstreamServer,
    countries_answer: Answer | None,
    rates_answer: Answer,
    api: str,
) -> None:
    countries_api.will_answer(*([countries_answer] if countries_answer else three_pages()))
    rates_api.will_answer(rates_answer)

    failed = refresh(deployment)

    assert (failed["status"], failed["error"]) == ("error", FETCH_FAILED)
    assert countries(deployment) == []
    error = newest(deployment).error
    assert error is not None
    assert error.message.startswith(f"Could not fetch data from {api}: ")
    assert start(deployment)["status"] == "started"


def test_a_chunk_that_cannot_be_stored_is_counted_and_the_time_stays(
    deployment: Deployment,
) -> None:
    refresh(deployment)
    time_and_image = shown(deployment)[1:]
    deployment.port.plan("refused", "UpdateItem", times=3, Key="'ROW#nigeria'")

    refresh(deployment)
    deployment.run_for(timedelta(minutes=5))

    failed = status(deployment)
    assert (failed["is_running"], failed["status"]) == (False, "error")
    assert failed["error"] == "50 of 250 countries could not be stored"
    assert failed["countries_processed"] == 200
    assert shown(deployment)[1:] == time_and_image
    assert start(deployment)["status"] == "started"


def test_an_image_that_cannot_be_stored_does_not_fail_the_refresh(few: Deployment) -> None:
    few.port.plan("refused", "PutObject", times=3, Key="summary.png")

    refresh(few)
    few.run_for(timedelta(minutes=5))

    done = status(few)
    assert (done["status"], done["countries_processed"], done["error"]) == ("completed", 10, None)
    assert few.http("GET", "/status").json()["last_refreshed_at"] is not None
    assert few.http("GET", "/countries/image").status == 404
    assert newest(few).error is not None


def test_a_store_that_is_throttled_answers_503_and_no_trace(few: Deployment) -> None:
    few.port.plan("refused", "Query", TableName="ApplicationTable")

    response = few.http("GET", "/countries")

    assert (response.status, response.json()) == (503, {"error": "Service unavailable"})
    assert response.headers["retry-after"] == "2"


def test_an_image_that_cannot_be_read_is_not_called_missing(few: Deployment) -> None:
    refresh(few)
    few.port.plan("refused", "GetObject")

    assert few.http("GET", "/countries/image").status == 503


def test_a_post_is_durable_when_its_hint_is_lost(few: Deployment) -> None:
    few.hints.is_down = True
    assert start(few)["status"] == "started"
    few.hints.is_down = False

    few.run_for(timedelta(minutes=3))

    assert status(few)["status"] == "completed"


def test_the_second_post_names_the_start_of_the_first_while_a_chunk_is_tried_again(
    few: Deployment,
) -> None:
    few.port.plan("refused", "UpdateItem", Key="'ROW#nigeria'")
    first = start(few)
    few.pump()

    few.clock.advance(timedelta(seconds=1))
    second = start(few)

    assert status(few)["status"] == "running"
    assert second["status"] == "already_running"
    assert second["started_at"] == first["started_at"]
    few.run_for(timedelta(minutes=5))
    assert status(few)["countries_processed"] == 10
