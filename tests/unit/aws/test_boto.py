"""boto3 behind the port: every failure comes out as one that a caller can act on."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import NoRegionError
from moto import mock_aws

from tests.moto_port import BOTO
from tests.tables import create_table, resources
from windrow.aws.boto import PATIENT, QUICK, Boto, Patience, translated
from windrow.aws.errors import (
    ConditionFailed,
    ServiceError,
    TransactionCanceled,
    Unavailable,
)
from windrow.errors import is_retryable

ITEM = {"PK": {"S": "a"}, "SK": {"S": "A"}}
NEW = {
    "TableName": "TasksTable",
    "Item": ITEM,
    "ConditionExpression": "attribute_not_exists(PK)",
    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
}


@pytest.fixture
def port() -> Iterator[Boto]:
    with mock_aws():
        create_table(BOTO, "TasksTable")
        yield BOTO


def failure(code: str, status: int = 400, **more: Any) -> ServiceError:
    response = {"Error": {"Code": code, "Message": "m"}, **more}
    return translated(
        "dynamodb", "UpdateItem", {**response, "ResponseMetadata": {"HTTPStatusCode": status}}
    )


def test_a_failed_condition_brings_the_item_that_stood_in_the_way(port: Boto) -> None:
    port.call("dynamodb", "PutItem", NEW)

    with pytest.raises(ConditionFailed) as failed:
        port.call("dynamodb", "PutItem", NEW)

    assert failed.value.item == ITEM
    assert not is_retryable(failed.value)


def test_a_cancelled_transaction_says_why_part_by_part(port: Boto) -> None:
    port.call("dynamodb", "PutItem", NEW)
    other = {"TableName": "TasksTable", "Item": {"PK": {"S": "b"}, "SK": {"S": "A"}}}

    with pytest.raises(TransactionCanceled) as canceled:
        port.call(
            "dynamodb", "TransactWriteItems", {"TransactItems": [{"Put": other}, {"Put": NEW}]}
        )

    assert [reason.code for reason in canceled.value.reasons] == ["None", "ConditionalCheckFailed"]
    assert canceled.value.reasons[1].item == ITEM
    assert not canceled.value.is_conflict


def test_meeting_another_writer_is_a_conflict() -> None:
    canceled = failure(
        "TransactionCanceledException",
        CancellationReasons=[{"Code": "None"}, {"Code": "TransactionConflict"}],
    )

    assert isinstance(canceled, TransactionCanceled)
    assert canceled.is_conflict


@pytest.mark.parametrize(
    ("code", "status"),
    [("ThrottlingException", 400), ("SlowDown", 503), ("InternalServerError", 500)],
)
def test_what_may_pass_is_unavailable(code: str, status: int) -> None:
    assert isinstance(failure(code, status), Unavailable)
    assert is_retryable(failure(code, status))


def test_what_will_not_pass_is_no_more_than_an_error() -> None:
    refused = failure("AccessDeniedException")

    assert type(refused) is ServiceError
    assert not is_retryable(refused)


def test_a_host_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(Unavailable):
        Boto(Patience(connect=1, read=1, tries=1)).call("dynamodb", "ListTables", {})


def test_a_client_that_cannot_be_made_is_an_error_of_the_port() -> None:
    def without_a_region(service: str, **_: Any) -> None:
        raise NoRegionError

    with pytest.raises(ServiceError, match="must specify a region"):
        Boto(client=without_a_region).call("dynamodb", "GetItem", {})


def test_a_call_that_is_wrong_in_itself_is_no_outage() -> None:
    with pytest.raises(ServiceError) as wrong:
        BOTO.call("dynamodb", "GetItem", {})

    assert not is_retryable(wrong.value)


@pytest.mark.parametrize(
    ("function", "patience"),
    [
        ("StatusFunction", QUICK),
        ("ApiFunction", QUICK),
        ("WorkerFunction", PATIENT),
        ("SchedulerFunction", PATIENT),
        ("SweeperFunction", PATIENT),
        ("DeadLettersFunction", PATIENT),
    ],
)
def test_a_call_that_is_never_answered_fails_before_its_function_is_killed(
    function: str, patience: Patience
) -> None:
    assert patience.longest < resources()[function]["Properties"]["Timeout"]


@pytest.mark.parametrize(
    ("endpoint", "begin"),
    [
        (None, "https://windrow-bucket.s3.eu-west-1.amazonaws.com/tasks/a%20b.json?"),
        ("http://127.0.0.1:4566", "http://127.0.0.1:4566/windrow-bucket/tasks/a%20b.json?"),
        ("http://host.docker.internal:4", "http://host.docker.internal:4/windrow-bucket/tasks/"),
    ],
)
def test_a_link_leads_to_the_buckets_own_region_or_to_the_emulator(
    monkeypatch: pytest.MonkeyPatch, endpoint: str | None, begin: str
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    if endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    wanted = {"Bucket": "windrow-bucket", "Key": "tasks/a b.json"}

    url = Boto().presigned("s3", "GetObject", wanted, timedelta(minutes=5))

    assert url.startswith(begin)
    assert "X-Amz-Expires=300&" in url
