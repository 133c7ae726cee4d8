"""Read an API key from Secrets Manager or from SSM, by ARN, and let it show nowhere."""

import json
import re

from windrow.aws.port import AWS
from windrow.errors import ConfigurationError

ARN = re.compile(r"arn:aws[a-z-]*:(?P<service>secretsmanager|ssm):[^:]*:[^:]*:.+")
# What an HTTP header may carry. Given anything else, http.client repeats all of it in its error.
KEY = re.compile(r"[\x21-\x7e]{1,500}")


def service_of(arn: str) -> str:
    """Where `arn` points to: "secretsmanager" or "ssm". Raises `ConfigurationError`."""
    if match := ARN.fullmatch(arn):
        return match["service"]
    raise ConfigurationError(
        f"{arn!r} should be the ARN of a Secrets Manager secret or of an SSM parameter."
    )


def read_secret(aws: AWS, arn: str) -> str:
    """The key behind `arn`: the whole text, or the member "key" of a JSON object.

    Raises `ConfigurationError`, and the port's `ServiceError` when AWS does not give it.
    """
    if service_of(arn) == "ssm":
        answer = aws.call("ssm", "GetParameter", {"Name": arn, "WithDecryption": True})
        stored = answer["Parameter"]["Value"]
    else:
        stored = aws.call("secretsmanager", "GetSecretValue", {"SecretId": arn}).get("SecretString")
    key = _key_in(stored or "")
    if not KEY.fullmatch(key):
        raise ConfigurationError(
            f'{arn} should hold an API key, or {{"key": "..."}}: printable characters, no spaces.'
        )
    return key


def _key_in(stored: str) -> str:
    try:
        document = json.loads(stored)
    except ValueError:
        return stored.strip()
    match document:
        case {"key": str(key)}:
            return key.strip()
        case dict():
            return ""
    return stored.strip()
