"""Events: one real event per function, of the shape its trigger sends."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.template import rules
from windrow.egress.client import Answer, Request
from windrow.egress.guard import check_url
from windrow.egress.policy import Policy
from windrow.lambdas import egress
from windrow.model.ref import Ref
from windrow.queue.hint import decode
from windrow.store.changes import change_of, is_of_task
from windrow.telemetry.port import Lines

STACK = "windrow-dev"

EVENTS = {
    "ApiFunction": "api_refresh",
    "StatusFunction": "status_refresh",
    "WorkerFunction": "worker_task",
    "EmailWorkerFunction": "mail_task",
    "ReportsWorkerFunction": "reports_task",
    "ArticlesWorkerFunction": "articles_task",
    "SchedulerFunction": "scheduler_daily",
    "SweeperFunction": "sweeper_tick",
    "DeadLettersFunction": "dead_letters_batch",
    "StreamFunction": "stream_batch",
    "EgressFunction": "egress_request",
}

# Who reads a queue.
READERS = [name for name in EVENTS if "Worker" in name or name == "DeadLettersFunction"]


@pytest.fixture
def event(root: Path, request: pytest.FixtureRequest) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((root / "events" / f"{request.param}.json").read_text())
    return loaded


def test_every_door_has_an_event_and_every_event_a_door(
    template: dict[str, Any], root: Path
) -> None:
    with_event = {rules.functions(template)[name]["CodeUri"] for name in EVENTS}

    assert with_event == {each["CodeUri"] for each in rules.functions(template).values()}
    assert {path.stem for path in (root / "events").glob("*")} == set(EVENTS.values())


@pytest.mark.parametrize(
    ("event", "route"),
    [
        ("api_refresh", "POST /api/v1/countries/refresh"),
        ("status_refresh", "GET /api/v1/countries/refresh/status"),
    ],
    indirect=["event"],
)
def test_a_request_is_what_an_http_api_sends(
    template: dict[str, Any], event: dict[str, Any], route: str
) -> None:
    http = event["requestContext"]["http"]
    routes = rules.of_type(template, "AWS::ApiGatewayV2::Route").values()
    keys = {each["Properties"]["RouteKey"] for each in routes}

    assert event["version"] == "2.0"
    assert event["routeKey"] == (route if route in keys else "$default")
    assert event["requestContext"]["routeKey"] == event["routeKey"]
    assert f"{http['method']} {http['path']}" == route
    assert event["rawPath"] == http["path"]
    assert event["requestContext"]["stage"] == "$default"
    assert event["isBase64Encoded"] is False
    assert {"rawQueryString", "headers"} <= set(event)
    assert event["headers"]["host"] == event["requestContext"]["domainName"]


@pytest.mark.parametrize(
    ("event", "function"),
    [(EVENTS[name], name) for name in READERS],
    indirect=["event"],
)
def test_a_batch_is_what_sqs_sends_to_its_reader(
    template: dict[str, Any], event: dict[str, Any], function: str
) -> None:
    (record,) = event["Records"]
    read = {
        template["Resources"][rules.target(trigger["Queue"])]["Properties"]["QueueName"]["Fn::Sub"]
        for name, trigger in rules.triggers(template, "SQS")
        if name == function
    }

    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].split(":")[-1] in {
        name.replace("${AWS::StackName}", STACK) for name in read
    }
    assert record["md5OfBody"] == hashlib.md5(record["body"].encode()).hexdigest()
    assert {"messageId", "receiptHandle", "messageAttributes", "awsRegion"} <= set(record)
    assert {
        "ApproximateReceiveCount",
        "ApproximateFirstReceiveTimestamp",
        "SenderId",
        "SentTimestamp",
    } <= set(record["attributes"])
    assert all(isinstance(value, str) for value in record["attributes"].values())


@pytest.mark.parametrize("event", [EVENTS[name] for name in READERS], indirect=True)
def test_a_message_is_a_hint(event: dict[str, Any]) -> None:
    ref = decode(event["Records"][0]["body"])

    assert isinstance(ref, Ref)
    assert (ref.tenant, ref.task) == ("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E")
    assert event["Records"][0]["attributes"]["MessageGroupId"] == ref.tenant


@pytest.mark.parametrize("event", ["dead_letters_batch"], indirect=True)
def test_a_dead_letter_was_received_as_often_as_its_queue_allows(
    template: dict[str, Any], event: dict[str, Any]
) -> None:
    attributes = event["Records"][0]["attributes"]
    source = template["Resources"]["DefaultQueue"]["Properties"]

    assert attributes["DeadLetterQueueSourceArn"].endswith(f":{STACK}-default")
    assert int(attributes["ApproximateReceiveCount"]) > source["RedrivePolicy"]["maxReceiveCount"]


@pytest.mark.parametrize(
    ("event", "function"),
    [("scheduler_daily", "SchedulerFunction"), ("sweeper_tick", "SweeperFunction")],
    indirect=["event"],
)
def test_a_tick_is_the_schedules_input_at_a_time(
    template: dict[str, Any], event: dict[str, Any], function: str
) -> None:
    sent = next(
        each
        for name, trigger in rules.triggers(template, "ScheduleV2")
        if name == function and (each := json.loads(trigger["Input"]))["schedule"] in event.values()
    )

    assert sent.pop("scheduled_time") == "<aws.scheduler.scheduled-time>"
    assert datetime.strptime(event.pop("scheduled_time"), "%Y-%m-%dT%H:%M:%S%z")
    assert event == sent


@pytest.mark.parametrize("event", ["stream_batch"], indirect=True)
def test_changes_are_what_a_mapping_with_a_window_sends(
    template: dict[str, Any], event: dict[str, Any]
) -> None:
    ((function, trigger),) = rules.triggers(template, "DynamoDB")
    change = change_of(event["Records"][0])

    assert function == "StreamFunction"
    assert rules.target(trigger["Stream"]) == "TasksTable"
    assert trigger["TumblingWindowInSeconds"] > 0, "without a window nobody says which shard it is"
    assert event["shardId"].startswith("shardId-")
    assert {"window", "state", "isFinalInvokeForWindow", "isWindowTerminatedEarly"} <= set(event)
    assert all(is_of_task(record) for record in event["Records"])
    assert change.before is None
    assert change.after is not None
    assert change.after.name == "countries.refresh"


def test_only_changes_of_tasks_wake_the_consumer(template: dict[str, Any]) -> None:
    ((_, trigger),) = rules.triggers(template, "DynamoDB")
    (only,) = trigger["FilterCriteria"]["Filters"]

    keys = json.loads(only["Pattern"])["dynamodb"]["Keys"]

    # With its own rows among them, it would wake itself for ever.
    assert keys == {"PK": {"S": [{"prefix": "K#"}]}, "SK": {"S": ["A"]}}


@pytest.mark.parametrize("event", ["egress_request"], indirect=True)
def test_a_request_to_the_outside_is_what_the_egress_function_reads(event: dict[str, Any]) -> None:
    asked: list[Request] = []

    def make(request: Request, policy: Policy) -> Answer:
        asked.append(request)
        return Answer(url=request.url, status=204, headers={}, body=b"", is_cut=False)

    reply = egress.request(event, Policy(), Lines(), make)

    assert reply["status"] == 204
    assert asked[0].url == check_url(event["url"], Policy()).url
    assert json.loads(asked[0].body or b"") == {"type": "windrow.webhook.test"}
