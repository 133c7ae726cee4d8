"""The environment of notifications, read and checked."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from tasks.mail import checks
from windrow.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployment tells the notifications.

    table   where the outbox lies
    email   who gets a notification that names nobody; None for nobody
    topic   the ARN of an SNS topic that gets every one; None for none
    """

    table: str
    email: str | None = None
    topic: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read APPLICATION_TABLE, NOTIFY_EMAIL and NOTIFY_TOPIC_ARN.

        Raises ConfigurationError when a value is missing or not what it must be.
        """
        table = environment.get("APPLICATION_TABLE")
        if not table:
            raise ConfigurationError("The environment variable APPLICATION_TABLE is not set.")
        return cls(
            table=table,
            email=_address(environment.get("NOTIFY_EMAIL", "")),
            topic=environment.get("NOTIFY_TOPIC_ARN") or None,
        )


def _address(text: str) -> str | None:
    if not text:
        return None
    try:
        return checks.address(text)
    except ValueError as error:
        raise ConfigurationError(f"NOTIFY_EMAIL {error}, not {text!r}.") from None
