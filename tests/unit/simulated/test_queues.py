"""The simulated SQS: visibility, delays, handles, dead letters, and all that may go wrong."""

from typing import Any

import pytest

from tests.simulated.aws import Services
from tests.simulated.sqs.quirks import Quirks
from tests.simulated.time import DAY, HOUR, MINUTE, SECOND, Time
from windrow.aws.errors import ServiceError


class Sqs:
    """The default queue of the template, which hides messages for six minutes."""

    def __init__(self, **rates: Any) -> None:
        self.time = Time()
        self.services = Services(self.time, quirks=Quirks(**rates))
        queues = self.services.create_queues()
        self.queue, self.dead = queues["DefaultQueue"], queues["DefaultDeadLetters"]

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return self.services.call("sqs", operation, {"QueueUrl": self.queue.url, **parameters})

    def send(self, *bodies: str, **options: Any) -> dict[str, Any]:
        entries = [{"Id": str(n), "MessageBody": body, **options} for n, body in enumerate(bodies)]
        return self.call("SendMessageBatch", Entries=entries)

    def receive(self, most: int = 1) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.call("ReceiveMessage", MaxNumberOfMessages=most).get(
            "Messages", []
        )
        return messages

    def bodies(self, most: int = 10) -> str:
        return "".join(message["Body"] for message in self.receive(most))


def test_a_received_message_is_hidden_until_its_visibility_ends() -> None:
    sqs = Sqs()
    sqs.send("a")

    first, hidden = sqs.bodies(), sqs.bodies()
    sqs.time.advance(6 * MINUTE)
    (again,) = sqs.receive()

    assert (first, hidden, again["Body"]) == ("a", "", "a")
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


def test_a_deleted_message_is_gone() -> None:
    sqs = Sqs()
    sqs.send("a")
    (message,) = sqs.receive()

    sqs.call("DeleteMessage", ReceiptHandle=message["ReceiptHandle"])
    sqs.time.advance(HOUR)

    assert sqs.bodies() == ""


def test_an_old_handle_deletes_nothing_and_nobody_is_told() -> None:
    sqs = Sqs()
    sqs.send("a")
    (old,) = sqs.receive()
    sqs.time.advance(6 * MINUTE)
    sqs.receive()

    sqs.call("DeleteMessage", ReceiptHandle=old["ReceiptHandle"])
    sqs.time.advance(6 * MINUTE)

    assert sqs.bodies() == "a"


def test_a_delay_is_kept() -> None:
    sqs = Sqs()
    sqs.send("a", DelaySeconds=30, MessageGroupId="tenant")

    early = sqs.bodies()
    sqs.time.advance(30 * SECOND)
    (message,) = sqs.receive()

    assert early == ""
    assert message["Attributes"]["MessageGroupId"] == "tenant"


def test_visibility_can_be_changed_while_in_flight_only() -> None:
    sqs = Sqs()
    sqs.send("a")
    (message,) = sqs.receive()
    change = {"ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}

    sqs.call("ChangeMessageVisibility", **change)
    with pytest.raises(ServiceError):
        sqs.call("ChangeMessageVisibility", **change)

    assert sqs.bodies() == "a"


def test_what_is_received_too_often_dies_and_can_be_redriven() -> None:
    sqs = Sqs()
    sqs.send("a")
    for _ in range(11):
        sqs.receive()
        sqs.time.advance(6 * MINUTE)

    dead = list(sqs.dead.messages.values())
    moved = sqs.dead.redrive(sqs.queue)

    assert [message.body for message in dead] == ["a"]
    assert moved == 1
    assert sqs.bodies() == "a"


def test_a_message_is_kept_for_four_days() -> None:
    sqs = Sqs()
    sqs.send("a")

    sqs.time.advance(4 * DAY - SECOND)

    assert sqs.bodies() == "a"
    sqs.time.advance(6 * MINUTE)
    assert sqs.bodies() == ""


def test_a_batch_may_fail_in_part() -> None:
    answer = Sqs(unsent=1).send("a", "b")

    assert [failed["Id"] for failed in answer["Failed"]] == ["0", "1"]
    assert "Successful" not in answer


def test_a_message_may_come_twice() -> None:
    sqs = Sqs(duplicate=1)
    sqs.send("a")

    assert [sqs.bodies(1), sqs.bodies(1)] == ["a", "a"]


def test_a_receive_may_count_and_never_arrive() -> None:
    sqs = Sqs(unreceived=1)
    sqs.send("a")

    assert sqs.bodies() == ""
    assert [message.receives for message in sqs.queue.messages.values()] == [1]


def test_a_deleted_message_may_come_back() -> None:
    sqs = Sqs(undeleted=1)
    sqs.send("a")
    (message,) = sqs.receive()

    sqs.call("DeleteMessage", ReceiptHandle=message["ReceiptHandle"])
    sqs.time.advance(6 * MINUTE)

    assert sqs.bodies() == "a"


def test_messages_may_come_in_another_order() -> None:
    sqs = Sqs(window=10)
    sqs.send(*"abcdefghij")

    received = sqs.bodies()

    assert received != "abcdefghij"
    assert sorted(received) == sorted("abcdefghij")


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "EmptyBatchRequest"),
        ([{"Id": str(n), "MessageBody": "a"} for n in range(11)], "TooManyEntries"),
        ([{"Id": "1", "MessageBody": "a"}] * 2, "BatchEntryIdsNotDistinct"),
        ([{"Id": "1", "MessageBody": "a", "DelaySeconds": 901}], "InvalidParameterValue"),
        ([{"Id": "1", "MessageBody": "a" * 1_100_000}], "BatchRequestTooLong"),
    ],
)
def test_an_impossible_batch_is_refused(entries: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(ServiceError) as refused:
        Sqs().call("SendMessageBatch", Entries=entries)

    assert code in refused.value.code
