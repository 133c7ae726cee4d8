"""The deployed stack tells of ends: an event on its bus, a signed request to a receiver."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.e2e.refreshes import Refreshes
from tests.e2e.waiting import eventually
from tests.receiver import Receiver, Told, receiving
from tests.webhooks import verified
from windrow.local.clients import Clients
from windrow.local.stack import LocalStack


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on this machine that is in trouble at first."""
    with receiving(Told.plain(503, retry_after="1"), Told.plain(204)) as made:
        yield made


@pytest.fixture
def endpoint(api: httpx.Client, receiver: Receiver) -> Iterator[dict[str, Any]]:
    """The receiver, registered for the refreshes of countries."""
    url = f"http://127.0.0.1:{receiver.port}/windrow"
    answer = api.post("/v1/webhooks", json={"url": url, "tasks": ["countries.refresh"]})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    yield made
    api.delete(f"/v1/webhooks/{made['id']}")


@pytest.mark.usefixtures("function_logs")
def test_a_receiver_gets_a_signed_event_although_it_was_in_trouble(
    refreshes: Refreshes,
    api: httpx.Client,
    receiver: Receiver,
    endpoint: dict[str, Any],
) -> None:
    refreshes.complete()

    assert eventually(lambda: len(receiver.asked) >= 2, within=timedelta(seconds=150))
    first, second = receiver.asked[:2]
    event = verified(endpoint["secret"], second)
    assert event["type"] == "windrow.task.succeeded.v1"
    assert event["data"]["task"]["task"] == "countries.refresh"
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == event["id"]

    def outcomes() -> list[str]:
        answer = api.get(f"/v1/webhooks/{endpoint['id']}/deliveries").json()
        return [each["outcome"] for each in answer["deliveries"]]

    assert eventually(lambda: outcomes() == ["taken", "later"], within=timedelta(seconds=10))
    events = api.get("/v1/events", params={"type": "countries.refresh"}).json()["events"]
    assert event["id"] in [each["id"] for each in events]


def test_a_receiver_that_is_not_on_this_machine_is_refused(api: httpx.Client) -> None:
    for url in ("http://10.0.0.1/", "https://169.254.169.254/", "http://[fd00:ec2::254]/"):
        answer = api.post("/v1/webhooks", json={"url": url})

        assert answer.status_code == 422, url
        assert answer.json()["errors"][0]["field"] == "url"


def test_the_stack_has_a_bus_of_its_own(stack: LocalStack, aws: Clients) -> None:
    buses = aws["events"].list_event_buses()["EventBuses"]

    assert stack.outputs["EventBusName"] in [bus["Name"] for bus in buses]


def test_the_egress_function_answers_a_refusal(stack: LocalStack, aws: Clients) -> None:
    event = {"url": "https://169.254.169.254/latest/meta-data/"}

    answer = aws["lambda"].invoke(
        FunctionName=stack.resources["EgressFunction"], Payload=json.dumps(event)
    )

    assert "refused" in json.loads(answer["Payload"].read())
