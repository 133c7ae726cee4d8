"""A batch of SQS messages, answered message by message."""

from tests.harness import Recorded
from windrow.lambdas.batch import Message, each_message
from windrow.telemetry.metrics import Metric

EVENT = {
    "Records": [
        {"messageId": "m-1", "body": "good"},
        {"messageId": "m-2", "body": "bad"},
        {"messageId": "m-3", "body": "good"},
    ]
}


def handle(message: Message) -> bool:
    if message["body"] == "bad":
        raise ValueError(message["body"])
    return True


def failing(message: Message) -> bool:
    raise ValueError(message["body"])


def test_only_the_messages_that_fail_come_back() -> None:
    reply = each_message(EVENT, Recorded(), handle)

    assert reply == {"batchItemFailures": [{"itemIdentifier": "m-2"}]}


def test_every_identifier_is_one_of_the_event() -> None:
    """AWS fails the whole batch for a blank or unknown one; the local emulator does not show it."""
    sent = {record["messageId"] for record in EVENT["Records"]}

    reply = each_message(EVENT, Recorded(), failing)

    assert {failure["itemIdentifier"] for failure in reply["batchItemFailures"]} == sent


def test_a_message_that_is_not_done_with_comes_back_without_being_a_failure() -> None:
    telemetry = Recorded()

    reply = each_message(EVENT, telemetry, lambda message: message["body"] != "bad")

    assert reply == {"batchItemFailures": [{"itemIdentifier": "m-2"}]}
    assert telemetry.counts == {}


def test_a_failure_is_counted_and_told_with_its_cause() -> None:
    telemetry = Recorded()

    each_message(EVENT, telemetry, handle)

    assert telemetry.counts == {Metric.MESSAGES_FAILED: 1}
    ((verb, ids),) = telemetry.events
    assert verb == "message.failed"
    assert ids["message_id"] == "m-2"
    assert isinstance(ids["exception"], ValueError)
