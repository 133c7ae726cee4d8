"""The cache of the rates in the application table."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from moto import mock_aws

from tasks.countries.upstreams.rates_cache import CachedRates, TableRatesCache
from windrow.aws.boto import Boto
from windrow.aws.errors import ServiceError, Unavailable
from windrow.aws.port import AWS

UNTIL = datetime(2026, 11, 23, 0, 3, 11, 500, tzinfo=UTC)


class Broken:
    """An AWS where nothing works."""

    def __init__(self, error: ServiceError) -> None:
        self.error = error

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        raise self.error


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[AWS]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        port = Boto()
        port.call(
            "dynamodb",
            "CreateTable",
            {
                "TableName": "application",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    {"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")
                ],
                "KeySchema": [
                    {"AttributeName": "PK", "KeyType": "HASH"},
                    {"AttributeName": "SK", "KeyType": "RANGE"},
                ],
            },
        )
        yield port


def test_what_is_put_can_be_got(aws: AWS) -> None:
    cache = TableRatesCache(aws, table="application", tenant="default")

    cache.put('{"rates": {"NGN": 1500}}', UNTIL)

    assert cache.get() == CachedRates('{"rates": {"NGN": 1500}}', UNTIL)


def test_the_later_put_stands(aws: AWS) -> None:
    cache = TableRatesCache(aws, table="application", tenant="default")

    cache.put("{}", UNTIL)
    cache.put("[]", UNTIL)

    assert cache.get() == CachedRates("[]", UNTIL)


def test_an_empty_cache_has_nothing(aws: AWS) -> None:
    assert TableRatesCache(aws, table="application", tenant="default").get() is None


def test_tenants_share_nothing(aws: AWS) -> None:
    TableRatesCache(aws, table="application", tenant="default").put("{}", UNTIL)

    assert TableRatesCache(aws, table="application", tenant="other").get() is None


@pytest.mark.parametrize(
    "attributes",
    [{}, {"rates": {"S": "{}"}}, {"rates": {"S": "{}"}, "until": {"S": "tomorrow"}}],
)
def test_an_item_that_is_not_ours_is_no_cache(aws: AWS, attributes: dict[str, Any]) -> None:
    key = {"PK": {"S": "COUNTRIES#default"}, "SK": {"S": "RATES"}}
    aws.call("dynamodb", "PutItem", {"TableName": "application", "Item": key | attributes})

    assert TableRatesCache(aws, table="application", tenant="default").get() is None


@pytest.mark.parametrize("kind", [ServiceError, Unavailable])
def test_a_table_that_does_not_answer_is_a_warning_and_no_failure(
    caplog: pytest.LogCaptureFixture, kind: type[ServiceError]
) -> None:
    broken = Broken(kind("dynamodb", "GetItem", "SomeException", "no"))
    cache = TableRatesCache(broken, table="application", tenant="default")

    assert cache.get() is None
    cache.put("{}", UNTIL)

    assert "rates.cache_unread " in caplog.text
    assert "rates.cache_unwritten " in caplog.text
