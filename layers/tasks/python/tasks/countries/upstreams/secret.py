"""Read an API key from Secrets Manager or from SSM, by ARN, and let it show nowhere."""

import json
import re

from windrow.aws.port import AWS
from windrow.aws.secrets import secret_text
from windrow.errors import ConfigurationError

# What an HTTP header may carry. Given anything else, http.client repeats all of it in its error.
KEY = re.compile(r"[\x21-\x7e]{1,500}")


def read_secret(aws: AWS, arn: str) -> str:
    """The key behind `arn`: the whole text, or the member "key" of a JSON object.

    Raises `ConfigurationError`, and the port's `ServiceError` when AWS does not give it.
    """
    key = _key_in(secret_text(aws, arn))
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
