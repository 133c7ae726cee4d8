"""Tell an SNS topic, which tells whoever has subscribed to it."""

from typing import Any, ClassVar

from windrow.aws.errors import ServiceError
from windrow.aws.port import AWS
from windrow.errors import WindrowError

# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: ASCII without line breaks.
LONGEST_SUBJECT = 100
ATTRIBUTE = "windrow-task"
# Beside what the port knows to be passing: a topic, or its key, that is asked too often.
PASSING = frozenset({"KMSThrottlingException", "ThrottledException"})


class TopicRefused(WindrowError):
    """SNS will not take it, however often it is asked: no such topic, or no right to it."""


class TopicDeferred(WindrowError):
    """SNS did not take it this time."""

    retryable: ClassVar[bool] = True


def publish(aws: AWS, topic: str, *, title: str, message: str, task_id: str) -> str:
    """Tell the topic; SNS's id of it. Raises TopicRefused, TopicDeferred.

    A topic that keeps an order (`.fifo`) leaves out what it was told in the last five minutes.
    """
    asked: dict[str, Any] = {
        "TopicArn": topic,
        "Subject": _subject(title),
        "Message": message,
        "MessageAttributes": {ATTRIBUTE: {"DataType": "String", "StringValue": task_id}},
    }
    if topic.endswith(".fifo"):
        asked |= {"MessageGroupId": "notifications", "MessageDeduplicationId": task_id}
    try:
        number: str = aws.call("sns", "Publish", asked)["MessageId"]
    except ServiceError as error:
        is_passing = error.retryable or error.code in PASSING
        kind = TopicDeferred if is_passing else TopicRefused
        raise kind(f"SNS did not take the notification: {error}") from error
    return number


def _subject(title: str) -> str:
    """As much of a title as SNS takes; other letters than ASCII's are question marks."""
    return title.strip().encode("ascii", "replace").decode()[:LONGEST_SUBJECT]
