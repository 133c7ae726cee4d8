"""The API key: where it may lie, and where it may never show."""

import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest

from tasks.countries.upstreams.secret import read_secret
from windrow.aws.errors import ServiceError
from windrow.errors import ConfigurationError

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:countries-a1B2c3"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/countries/key"
KEY = "rc_test_0123456789"


class Answers:
    """An AWS with one answer, which keeps what it was asked."""

    def __init__(self, answer: dict[str, Any] | ServiceError) -> None:
        self.answer = answer
        self.calls: list[tuple[str, str, Mapping[str, Any]]] = []

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((service, operation, parameters))
        if isinstance(self.answer, ServiceError):
            raise self.answer
        return self.answer


@pytest.mark.parametrize("stored", [KEY, f"{KEY}\n", json.dumps({"key": KEY, "owner": "us"})])
def test_a_secret_is_the_key_itself_or_json_that_holds_it(stored: str) -> None:
    aws = Answers({"SecretString": stored})

    assert read_secret(aws, SECRET) == KEY
    assert aws.calls == [("secretsmanager", "GetSecretValue", {"SecretId": SECRET})]


def test_a_key_of_digits_alone_is_still_a_text() -> None:
    assert read_secret(Answers({"SecretString": "12345678"}), SECRET) == "12345678"


def test_a_parameter_is_read_decrypted_and_by_its_whole_arn() -> None:
    aws = Answers({"Parameter": {"Value": KEY}})

    assert read_secret(aws, PARAMETER) == KEY
    assert aws.calls == [("ssm", "GetParameter", {"Name": PARAMETER, "WithDecryption": True})]


@pytest.mark.parametrize(
    "arn", ["", "countries/key", "arn:aws:s3:::bucket", "arn:aws:lambda:eu-west-1:1:function:f"]
)
def test_an_address_that_is_neither_is_refused_before_any_call(arn: str) -> None:
    aws = Answers({})

    with pytest.raises(ConfigurationError, match="should be the ARN of a Secrets Manager secret"):
        read_secret(aws, arn)

    assert aws.calls == []


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "  \n",
        "two words",
        "sneaky\r\nHost: elsewhere",
        "kéy",
        '{"api_key": "x"}',
        '{"key": 7}',
        '{"key": ""}',
        "k" * 501,
    ],
)
def test_what_cannot_be_a_key_is_refused_without_repeating_it(stored: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_secret(Answers({"SecretString": stored}), SECRET)

    assert str(caught.value) == (
        f'{SECRET} should hold an API key, or {{"key": "..."}}: printable characters, no spaces.'
    )


def test_a_binary_secret_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        read_secret(Answers({"SecretBinary": b"\x00"}), SECRET)


def test_what_aws_refuses_passes_through() -> None:
    refused = ServiceError("secretsmanager", "GetSecretValue", "AccessDeniedException", "no")

    with pytest.raises(ServiceError, match="AccessDeniedException"):
        read_secret(Answers(refused), SECRET)


def test_reading_a_key_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read_secret(Answers({"SecretString": KEY}), SECRET)

    assert KEY not in caplog.text
