"""The stack as it is with CountriesUpstream=http, on the APIs' good days and bad ones."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tasks.countries.upstreams.bundled import Bundled
from tests.e2e.failing import assert_fails_and_changes_nothing
from tests.e2e.functions import environment
from tests.e2e.refreshes import Refreshes
from tests.unit.tasks.countries.upstream_server import (
    Answer,
    UpstreamServer,
    country,
    deprecated,
    page,
    rates,
    upstream_server,
)
from windrow.local.clients import Clients
from windrow.local.stack import LocalStack

KEY = "rc_test_0123456789"
FACTS = Bundled().countries()
MORE = 1_000_000


def page_of(first: int) -> Answer:
    """The real countries from this one on, with a million more people in each."""
    found = [
        country(
            number,
            names={"common": facts.name},
            region=facts.region,
            population=facts.population + MORE,
        )
        for number, facts in enumerate(FACTS)
    ]
    return page(found[first : first + 100], more=first + 100 < len(found))


def rates_until(next_update: datetime) -> Answer:
    return rates(time_next_update_unix=int(next_update.timestamp()))


class Apis:
    """Both APIs on this machine, on a good day until a test says otherwise."""

    def __init__(self, countries: UpstreamServer, rates: UpstreamServer) -> None:
        self.countries = countries
        self.rates = rates

    def have_a_good_day(self) -> None:
        self.countries.will_answer(*map(page_of, (0, 100, 200)))
        # New rates are overdue, so that none are kept for the next refresh.
        self.rates.will_answer(rates_until(datetime.now(UTC) - timedelta(days=1)))

    def forget_what_was_asked(self) -> None:
        self.countries.requests.clear()
        self.rates.requests.clear()


@contextmanager
def secret(aws: Clients, text: str) -> Iterator[str]:
    """A secret in Secrets Manager; its ARN."""
    arn = aws["secretsmanager"].create_secret(Name="countries-api-key", SecretString=text)["ARN"]
    try:
        yield arn
    finally:
        aws["secretsmanager"].delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


@pytest.fixture(scope="module")
def machine(stack: LocalStack, api: httpx.Client) -> Iterator[Apis]:
    """Both APIs, and a worker that has their addresses and the key in Secrets Manager."""
    with ExitStack() as exits:
        countries_api = exits.enter_context(upstream_server())
        rates_api = exits.enter_context(upstream_server())
        arn = exits.enter_context(secret(stack.clients, json.dumps({"key": KEY})))
        variables = {
            "COUNTRIES_UPSTREAM": "http",
            "COUNTRIES_API_KEY_ARN": arn,
            "COUNTRIES_API_URL": countries_api.url,
            "RATES_API_URL": rates_api.url,
        }
        Refreshes(stack, api).end()
        worker = stack.resources["WorkerFunction"]
        exits.enter_context(environment(stack.clients, worker, variables))
        yield Apis(countries_api, rates_api)


@pytest.fixture
def apis(machine: Apis, refreshes: Refreshes) -> Apis:
    """Both APIs on a good day, and one refresh behind them."""
    machine.have_a_good_day()
    refreshes.complete()
    machine.have_a_good_day()
    machine.forget_what_was_asked()
    return machine


def test_a_refresh_stores_what_both_apis_gave(refreshes: Refreshes, apis: Apis) -> None:
    ids = {each["name"]: each["id"] for each in refreshes.countries()}

    refreshes.complete()

    found = {each["name"]: each for each in refreshes.countries()}
    assert len(found) == len(refreshes.rows()) == 250
    for facts in FACTS:
        each = found[facts.name]
        assert (each["id"], each["population"]) == (ids[facts.name], facts.population + MORE)
        assert (each["currency_code"], each["exchange_rate"]) == ("NGN", 1500.25)
    asked = apis.countries.requests
    assert [request.query["offset"] for request in asked] == ["0", "100", "200"]
    assert {request.headers["Authorization"] for request in asked} == {f"Bearer {KEY}"}
    (asked_for_rates,) = apis.rates.requests
    assert "Authorization" not in asked_for_rates.headers


def test_rates_are_asked_for_again_only_when_there_are_new_ones(
    refreshes: Refreshes, apis: Apis
) -> None:
    apis.rates.will_answer(rates_until(datetime.now(UTC) + timedelta(days=1)))
    refreshes.complete()
    apis.have_a_good_day()
    try:
        refreshes.complete()
    finally:
        forget_rates(refreshes.stack)

    assert len(apis.countries.requests) == 6
    assert len(apis.rates.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        deprecated(),
        Answer({"errors": [{"message": "Invalid API key"}]}, status=401),
        Answer(b"<html>Bad gateway</html>", status=502),
        page([country(number) for number in range(100)], more=False),
    ],
    ids=["200 with errors", "401", "502", "the first page only"],
)
def test_countries_that_cannot_be_had_change_nothing_and_the_next_post_starts(
    refreshes: Refreshes, apis: Apis, answer: Answer
) -> None:
    apis.countries.will_answer(answer)

    assert_fails_and_changes_nothing(refreshes, "restcountries.com")

    apis.have_a_good_day()
    refreshes.complete()


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"result": "error", "error-type": "quota-reached"}),
        Answer({"message": "too many"}, status=429, headers={"Retry-After": "1200"}),
        Answer(b"", status=500),
    ],
    ids=["200 with an error", "429", "500"],
)
def test_rates_that_cannot_be_had_change_nothing_and_the_next_post_starts(
    refreshes: Refreshes, apis: Apis, answer: Answer
) -> None:
    apis.rates.will_answer(answer)

    assert_fails_and_changes_nothing(refreshes, "open.er-api.com")

    apis.have_a_good_day()
    refreshes.complete()


def forget_rates(stack: LocalStack) -> None:
    """Empty the cache of rates, which would answer in place of the API until tomorrow."""
    stack.clients["dynamodb"].delete_item(
        TableName=stack.outputs["ApplicationTableName"],
        Key={"PK": {"S": "COUNTRIES#default"}, "SK": {"S": "RATES"}},
    )
