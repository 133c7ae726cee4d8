"""Notifications from the request to each channel: once each, whatever fails on the way."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.examples import deploy_examples
from tests.harness import Deployment, Response
from windrow.model.records import Task
from windrow.model.states import State

README = Path(__file__).parents[2] / "README.md"
NOTIFY = "/api/notifications/notify"
LATEST = "/api/notifications"
ANSWER = {"ok": True, "message": "Notification scheduled in background"}
TOPIC = "arn:aws:sns:us-east-1:123456789012:told"
BODY = {"title": "Backup done", "message": "12 GB in 4 minutes.", "email": "ada@example.com"}
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Deployment]:
    with deploy_examples() as deployed:
        yield deployed


@pytest.fixture
def deployment(shared: Deployment, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """The applications with a topic, and with nothing told or refused yet."""
    monkeypatch.setenv("NOTIFY_TOPIC_ARN", TOPIC)
    monkeypatch.setenv("NOTIFY_EMAIL", "office@example.com")
    shared.pump()
    shared.clock.advance(timedelta(seconds=1))
    for service in (shared.services.ses, shared.services.sns):
        service.refuses = lambda _parameters: None
    shared.services.ses.sent.clear()
    shared.services.sns.published.clear()
    shared.port.faults.clear()
    shared.port.calls.clear()
    return shared


def post(deployment: Deployment, body: object = None, **headers: str) -> Response:
    text = None if body is None else json.dumps(body)
    return deployment.http("POST", NOTIFY, body=text, headers={**(JSON if text else {}), **headers})


def task_of(deployment: Deployment, response: Response) -> Task:
    """The task that a request has started, as it stands."""
    return deployment.task(response.headers["location"].rpartition("/")[2])


def row_count(deployment: Deployment, task_id: str) -> int:
    """How often a task's notification lies in the outbox."""
    rows = deployment.http("GET", f"{LATEST}?limit=100").json()["notifications"]
    return sum(row["task_id"] == task_id for row in rows)


def recipients(deployment: Deployment) -> list[str]:
    return [mail["Destination"]["ToAddresses"][0] for mail in deployment.services.ses.sent]


def test_the_request_waits_for_its_own_write_and_the_hint_alone(deployment: Deployment) -> None:
    response = post(deployment, BODY)

    assert (response.status, response.json()) == (200, ANSWER)
    writes = [name for name, _ in deployment.port.calls if name not in ("GetItem", "BatchGetItem")]
    assert writes == ["PutItem", "SendMessageBatch"]
    assert len(deployment.port.calls) <= 3, "and one read: is the pool draining?"


def test_the_readme_pays_for_what_a_notification_writes(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_TOPIC_ARN")
    meter = deployment.services.dynamodb.meter
    deployment.count()
    before = meter.writes, meter.reads

    post(deployment)
    deployment.pump()
    deployment.count()

    figure = f"{meter.writes - before[0]} write units and 3 invocations each"
    assert figure in README.read_text("utf-8")
    assert meter.reads - before[1] <= 7


def test_every_channel_is_told(deployment: Deployment) -> None:
    response = post(deployment, BODY)
    deployment.pump()

    task = task_of(deployment, response)
    (published,) = deployment.services.sns.published
    (latest,) = deployment.http("GET", f"{LATEST}?limit=1").json()["notifications"]
    assert recipients(deployment) == ["ada@example.com"]
    assert (published["TopicArn"], published["Subject"]) == (TOPIC, "Backup done")
    assert published["Message"] == "12 GB in 4 minutes."
    assert list(latest) == ["task_id", "title", "message", "created_at"]
    assert latest["task_id"] == task.ref.task
    assert (latest["title"], latest["message"]) == ("Backup done", "12 GB in 4 minutes.")
    assert json.loads(task.result or "") == {
        "title": "Backup done",
        "message": "12 GB in 4 minutes.",
        "channels": ["outbox", "email", "topic"],
    }


def test_without_a_body_whom_the_deployment_names_is_told(deployment: Deployment) -> None:
    post(deployment)
    deployment.pump()

    assert recipients(deployment) == ["office@example.com"]
    assert deployment.services.sns.published[0]["Subject"] == "Notification"


def test_the_outbox_alone_is_told_where_nobody_is_named(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_TOPIC_ARN")
    monkeypatch.delenv("NOTIFY_EMAIL")

    response = post(deployment, {"message": "Hello"})
    deployment.pump()

    assert json.loads(task_of(deployment, response).result or "")["channels"] == ["outbox"]
    assert deployment.services.ses.sent == deployment.services.sns.published == []


def test_a_channel_that_fails_is_asked_again_alone(deployment: Deployment) -> None:
    asked = []

    def busy_twice(mail: Any) -> str | None:
        asked.append(mail)
        return "TooManyRequestsException" if len(asked) <= 2 else None

    deployment.services.ses.refuses = busy_twice
    response = post(deployment, BODY)
    deployment.pump()
    deployment.run_for(timedelta(hours=1), tick=timedelta(minutes=10))

    task = task_of(deployment, response)
    assert (task.state, task.attempt) == (State.SUCCEEDED, 3)
    assert len(deployment.services.ses.sent) == 1
    assert len(deployment.services.sns.published) == 1
    assert row_count(deployment, task.ref.task) == 1


@pytest.mark.parametrize("channel", ["email", "topic"])
def test_a_channel_that_refuses_keeps_it_from_no_other(
    deployment: Deployment, channel: str
) -> None:
    refusing = deployment.services.ses if channel == "email" else deployment.services.sns
    refusing.refuses = lambda _parameters: "NotFoundException"

    response = post(deployment, BODY)
    deployment.pump()

    task = task_of(deployment, response)
    assert (task.state, task.attempt) == (State.FAILED, 1)
    assert task.error is not None
    assert (task.error.kind, f"{channel}: " in task.error.message) == ("NotDelivered", True)
    assert len(deployment.services.ses.sent) == (channel == "topic")
    assert len(deployment.services.sns.published) == (channel == "email")
    assert row_count(deployment, task.ref.task) == 1


@pytest.mark.parametrize("busy", [1, 3])
def test_an_outbox_that_fails_keeps_it_from_no_other(deployment: Deployment, busy: int) -> None:
    """And it waits for its next attempt as any channel does: no crash is counted."""
    deployment.port.plan("refused", "PutItem", times=busy, TableName="ApplicationTable")
    response = post(deployment, BODY)
    deployment.pump()

    first = task_of(deployment, response)
    assert (recipients(deployment), len(deployment.services.sns.published)) == (
        ["ada@example.com"],
        1,
    )
    assert (first.state, first.failures, first.crashes) == (State.QUEUED, 1, 0)

    deployment.run_for(timedelta(hours=1), tick=timedelta(minutes=10))

    task = task_of(deployment, response)
    assert (task.state, task.attempt) == (State.SUCCEEDED, busy + 1)
    assert (len(recipients(deployment)), len(deployment.services.sns.published)) == (1, 1)
    assert row_count(deployment, task.ref.task) == 1


def test_a_right_that_the_outbox_lacks_is_said_and_the_others_are_told(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPLICATION_TABLE", "no-such-table")

    response = post(deployment, BODY)
    deployment.pump()

    task = task_of(deployment, response)
    assert (task.state, task.attempt) == (State.FAILED, 1)
    assert task.error is not None
    assert (task.error.kind, "outbox: dynamodb" in task.error.message) == ("NotDelivered", True)
    assert (len(recipients(deployment)), len(deployment.services.sns.published)) == (1, 1)


def test_a_fault_within_a_channel_keeps_it_from_no_other(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_parts: object, **_values: object) -> None:
        raise LookupError("no such template")

    with monkeypatch.context() as broken_for_now:
        broken_for_now.setattr("tasks.notifications.notify.written", broken)
        response = post(deployment, BODY)
        deployment.pump()

    first = task_of(deployment, response)
    assert (first.state, first.failures) == (State.QUEUED, 1)
    assert len(deployment.services.sns.published) == 1
    assert row_count(deployment, first.ref.task) == 1

    deployment.run_for(timedelta(hours=1), tick=timedelta(minutes=10))

    assert task_of(deployment, response).state is State.SUCCEEDED
    assert recipients(deployment) == ["ada@example.com"]
    assert len(deployment.services.sns.published) == 1


def test_what_ends_the_attempt_itself_is_no_channels_trouble(deployment: Deployment) -> None:
    """The mail is taken and its step cannot be noted: no other channel is asked by this attempt."""
    response = post(deployment, BODY)
    deployment.port.plan("refused", "TransactWriteItems", skip=1)
    deployment.pump()

    first = task_of(deployment, response)
    assert (first.failures, first.crashes) == (0, 1)
    assert len(recipients(deployment)) == 1
    assert deployment.services.sns.published == []

    deployment.run_for(timedelta(hours=1), tick=timedelta(minutes=10))

    assert task_of(deployment, response).state is State.SUCCEEDED
    assert len(deployment.services.sns.published) == 1


def test_a_worker_may_die_at_any_call_and_each_channel_is_told(deployment: Deployment) -> None:
    """Twice only where it died between a provider's yes and the note of it."""
    post(deployment, BODY)
    deployment.port.calls.clear()
    deployment.pump()
    calls = [name for name, _ in deployment.port.calls]

    for call in range(len(calls)):
        deployment.services.ses.sent.clear()
        deployment.services.sns.published.clear()
        response = post(deployment, BODY)
        deployment.port.plan("killed after", "", skip=call)
        deployment.pump()
        deployment.hints.lose()
        deployment.run_for(timedelta(minutes=3))

        task = task_of(deployment, response)
        mails = [mail["Content"]["Simple"]["Headers"] for mail in deployment.services.ses.sent]
        assert task.state is State.SUCCEEDED
        assert len(mails) == (2 if calls[call] == "SendEmail" else 1), calls[call]
        assert all(headers == mails[0] for headers in mails)
        told = 2 if calls[call] == "Publish" else 1
        assert len(deployment.services.sns.published) == told, calls[call]
        assert row_count(deployment, task.ref.task) == 1


def test_a_key_makes_one_notification_of_two_requests(deployment: Deployment) -> None:
    key = {"idempotency-key": "backup-7"}

    first, second = post(deployment, BODY, **key), post(deployment, BODY, **key)
    other = post(deployment, {"title": "Other"}, **key)
    deployment.pump()

    assert first.json() == second.json() == ANSWER
    assert second.headers["idempotent-replayed"] == "true"
    assert other.status == 422
    assert list(other.json()) == ["error"]
    assert len(deployment.services.ses.sent) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"titel": "Backup"}, "titel"),
        ({"title": "Backup\r\nBcc: eve@example.com"}, "title"),
        ({"title": 7}, "title"),
        ({"message": ""}, "message"),
        ({"message": "m" * 5001}, "message"),
        ({"email": "ada@example.com\nBcc: eve@example.com"}, "email"),
        (["title"], "body"),
        ("title", "body"),
    ],
)
def test_a_wrong_body_is_named_by_its_field(
    deployment: Deployment, body: object, field: str
) -> None:
    response = post(deployment, body)

    assert response.status == 400
    assert list(response.json()) == ["error", "details"]
    assert list(response.json()["details"]) == [field]
    assert deployment.port.calls == []


def test_what_is_no_json_is_refused(deployment: Deployment) -> None:
    for body, kind in [
        ("{", JSON),
        ('{"message": NaN}', JSON),
        ('{"message": "a", "message": "b"}', JSON),
        ('{"message": "\\ud83d"}', JSON),
        ("title=Backup", {"content-type": "application/x-www-form-urlencoded"}),
        ('{"message": "' + "m" * 300_000 + '"}', JSON),
    ]:
        response = deployment.http("POST", NOTIFY, body=body, headers=kind)

        assert response.status in (400, 413, 415), body[:40]
        assert next(iter(response.json())) == "error"


def test_the_list_is_as_long_as_asked_for(deployment: Deployment) -> None:
    for number in range(3):
        post(deployment, {"title": f"Number {number}"})
        deployment.pump()
        deployment.clock.advance(timedelta(seconds=1))

    two = deployment.http("GET", f"{LATEST}?limit=2").json()["notifications"]

    assert [each["title"] for each in two] == ["Number 2", "Number 1"]
    assert deployment.http("HEAD", LATEST).status == 200
    for query in ("limit=0", "limit=101", "limit=x", "limits=2", "limit=1&limit=2"):
        assert deployment.http("GET", f"{LATEST}?{query}").status == 400, query


def test_what_was_told_a_month_ago_is_not_listed(deployment: Deployment) -> None:
    response = post(deployment, {"title": "Old"})
    deployment.pump()
    task_id = task_of(deployment, response).ref.task

    assert row_count(deployment, task_id) == 1
    deployment.clock.advance(timedelta(days=30))
    assert row_count(deployment, task_id) == 0


def test_a_topic_that_keeps_an_order_leaves_out_a_second_one_itself(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_TOPIC_ARN", TOPIC + ".fifo")

    response = post(deployment, {"title": "Grüße " + "x" * 120})
    deployment.pump()

    (published,) = deployment.services.sns.published
    assert published["MessageDeduplicationId"] == task_of(deployment, response).ref.task
    assert published["Subject"] == "Gr??e " + "x" * 94
