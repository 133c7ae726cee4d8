"""A topic that is told: what SNS is asked for, and what each of its errors leads to."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tasks.notifications.topic import TopicDeferred, TopicRefused, publish
from windrow.aws.boto import Boto

TOPIC = "arn:aws:sns:us-east-1:123456789012:told"
TOLD = {"title": "Backup done", "message": "12 GB in 4 minutes.", "task_id": "01KF0Q5M00"}
REQUEST = {
    "TopicArn": TOPIC,
    "Subject": "Backup done",
    "Message": "12 GB in 4 minutes.",
    "MessageAttributes": {"windrow-task": {"DataType": "String", "StringValue": "01KF0Q5M00"}},
}


@pytest.fixture(scope="module")
def client() -> Any:
    """SNS's own client, which checks every request against SNS's model."""
    return boto3.client("sns", region_name="us-east-1")


def port(client: Any) -> Boto:
    return Boto(client=lambda service, config: client)


def test_sns_is_asked_once(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_response("publish", {"MessageId": "sns-1"}, REQUEST)

        assert publish(port(client), TOPIC, **TOLD) == "sns-1"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("NotFound", 404, TopicRefused),
        ("AuthorizationError", 403, TopicRefused),
        ("InvalidParameter", 400, TopicRefused),
        ("Throttling", 400, TopicDeferred),
        ("ThrottledException", 429, TopicDeferred),
        ("KMSThrottlingException", 400, TopicDeferred),
        ("InternalError", 500, TopicDeferred),
    ],
)
def test_a_refusal_is_for_good_and_a_throttle_is_not(
    client: Any, code: str, status: int, kind: type[Exception]
) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("publish", code, "the reason", http_status_code=status)

        with pytest.raises(kind, match=f"{code}: the reason"):
            publish(port(client), TOPIC, **TOLD)
