"""The environment of whoever sends mail, read and checked."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from tasks.mail import checks
from windrow.errors import ConfigurationError

SES = "ses"


@dataclass(frozen=True, slots=True)
class Relay:
    """Where an SMTP server listens."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployment tells the mail: whose name is on it, and who takes it.

    relay   the SMTP server; None for SES
    bucket  where reports lie that are attached
    """

    sender: str
    relay: Relay | None
    bucket: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read MAIL_FROM, MAIL_TRANSPORT (`ses`, or `smtp://host:port`) and WINDROW_BUCKET.

        Raises ConfigurationError when a value is missing or not what it must be.
        """
        return cls(
            sender=_sender(environment.get("MAIL_FROM", "")),
            relay=_relay(environment.get("MAIL_TRANSPORT", SES)),
            bucket=environment.get("WINDROW_BUCKET") or None,
        )

    @property
    def domain(self) -> str:
        """The sender's."""
        return self.sender.rpartition("@")[2]


def _sender(text: str) -> str:
    if not text:
        raise ConfigurationError(
            "No mail can be sent: MAIL_FROM is not set (the template's parameter MailFrom)."
        )
    try:
        return checks.address(text)
    except ValueError as error:
        raise ConfigurationError(f"MAIL_FROM {error}, not {text!r}.") from None


def _relay(text: str) -> Relay | None:
    if text == SES:
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or text != f"smtp://{parts.netloc}" or parts.username is not None:
        raise ConfigurationError(
            f"MAIL_TRANSPORT must be ses, or smtp://host:port without more, not {text!r}."
        )
    return Relay(host, port)
