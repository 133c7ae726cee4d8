"""Which upstream a deployment gets, and what is refused when it starts."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tasks.countries.upstreams.base import Upstreams, UpstreamUnavailable
from tasks.countries.upstreams.bundled import Bundled, Fault
from tasks.countries.upstreams.choose import Choice, Kind, connect, read
from tasks.countries.upstreams.http import Http
from tests.unit.tasks.countries.upstream_server import (
    FakeClock,
    UpstreamServer,
    rates,
    three_pages,
    upstream_server,
)
from windrow.errors import ConfigurationError

ARN = "arn:aws:ssm:eu-west-1:123456789012:parameter/countries/key"


class OneTable:
    """An AWS with one parameter and one table."""

    def __init__(self) -> None:
        self.items: dict[str, Any] = {}

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        match operation:
            case "GetParameter":
                return {"Parameter": {"Value": "rc_test_0123456789"}}
            case "GetItem":
                item = self.items.get(repr(parameters["Key"]))
                return {"Item": item} if item else {}
            case "PutItem":
                item = parameters["Item"]
                self.items[repr({"PK": item["PK"], "SK": item["SK"]})] = item
                return {}
        raise AssertionError(f"{service} {operation} was not to be expected")


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    with upstream_server() as running:
        yield running


def connected(environment: Mapping[str, str], aws: OneTable | None = None) -> Upstreams:
    return connect(
        read(environment),
        aws=aws or OneTable(),
        clock=FakeClock(),
        table="application",
        tenant="default",
    )


def test_without_settings_it_is_the_bundled_one() -> None:
    assert read({}) == Choice(Kind.BUNDLED)
    assert isinstance(connected({}), Bundled)


def test_http_is_chosen_by_name_and_key() -> None:
    environment = {"COUNTRIES_UPSTREAM": "http", "COUNTRIES_API_KEY_ARN": ARN}

    assert read(environment) == Choice(Kind.HTTP, key_arn=ARN)
    assert isinstance(connected(environment), Http)


def test_http_without_a_key_is_refused_at_start() -> None:
    with pytest.raises(ConfigurationError, match="=http needs COUNTRIES_API_KEY_ARN"):
        read({"COUNTRIES_UPSTREAM": "http", "COUNTRIES_API_KEY_ARN": ""})


def test_http_with_a_key_that_is_no_arn_is_refused_at_start() -> None:
    with pytest.raises(ConfigurationError, match="should be the ARN"):
        read({"COUNTRIES_UPSTREAM": "http", "COUNTRIES_API_KEY_ARN": "/countries/key"})


@pytest.mark.parametrize("given", ["", "HTTP", "csv"])
def test_an_unknown_upstream_is_refused_with_those_that_exist(given: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read({"COUNTRIES_UPSTREAM": given})

    assert str(caught.value) == (
        f"COUNTRIES_UPSTREAM should be one of bundled, http; it is {given!r}."
    )


def test_a_fault_can_be_asked_for() -> None:
    upstreams = connected({"COUNTRIES_FAULT": "rates"})

    assert read({"COUNTRIES_FAULT": "rates"}).fail is Fault.RATES
    with pytest.raises(UpstreamUnavailable):
        upstreams.rates()


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="one of empty, countries, rates; it is 'all'"):
        read({"COUNTRIES_FAULT": "all"})


@pytest.mark.parametrize(
    "address",
    ["http://api.example", "ftp://localhost", "api.example", "http://localhost@api.example/"],
)
def test_an_address_to_which_a_key_would_travel_unencrypted_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="COUNTRIES_API_URL should be an https address"):
        read({"COUNTRIES_API_URL": address})


@pytest.mark.parametrize("address", ["https://eu.api.example/v5", "http://127.0.0.1:8080/api"])
def test_another_address_can_be_given(address: str) -> None:
    assert read({"RATES_API_URL": address}).rates_url == address


def test_a_chosen_http_upstream_asks_with_the_key_and_keeps_the_rates_in_the_table(
    server: UpstreamServer,
) -> None:
    server.will_answer(*three_pages(), rates())
    aws = OneTable()
    environment = {
        "COUNTRIES_UPSTREAM": "http",
        "COUNTRIES_API_KEY_ARN": ARN,
        "COUNTRIES_API_URL": server.url,
        "RATES_API_URL": server.url,
    }

    assert len(connected(environment, aws).countries()) == 250
    first = connected(environment, aws).rates()
    again = connected(environment, aws).rates()

    assert first == again
    assert len(server.requests) == 4
    assert server.requests[0].headers["Authorization"] == "Bearer rc_test_0123456789"
