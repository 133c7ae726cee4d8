"""Secrets by ARN, from Secrets Manager or from SSM."""

import re

from windrow.aws.port import AWS
from windrow.errors import ConfigurationError

ARN = re.compile(r"arn:aws[a-z-]*:(?P<service>secretsmanager|ssm):[^:]*:[^:]*:.+")


def service_of(arn: str) -> str:
    """Where `arn` points to: "secretsmanager" or "ssm". Raises `ConfigurationError`."""
    if match := ARN.fullmatch(arn):
        return match["service"]
    raise ConfigurationError(
        f"{arn!r} should be the ARN of a Secrets Manager secret or of an SSM parameter."
    )


def secret_text(aws: AWS, arn: str) -> str:
    """The text behind `arn`; empty where it holds none.

    Raises `ConfigurationError`, and the port's `ServiceError` when AWS does not give it.
    """
    if service_of(arn) == "ssm":
        answer = aws.call("ssm", "GetParameter", {"Name": arn, "WithDecryption": True})
        stored: str = answer["Parameter"]["Value"]
        return stored
    return aws.call("secretsmanager", "GetSecretValue", {"SecretId": arn}).get("SecretString") or ""
