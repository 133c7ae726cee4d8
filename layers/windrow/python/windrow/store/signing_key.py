"""The key that webhooks are signed with, read from where it is kept and believed for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from windrow.aws.port import AWS
from windrow.aws.secrets import secret_text
from windrow.clock import Clock
from windrow.errors import ConfigurationError

# A process reads it this often: a call to Secrets Manager costs as much as five deliveries.
BELIEVED = timedelta(minutes=15)
SHORTEST = 32


@dataclass(slots=True)
class SigningKey:
    """The text behind an ARN. It shows in no error and no log."""

    aws: AWS
    arn: str
    clock: Clock
    _text: str | None = None
    _until: datetime | None = None

    def read(self) -> str:
        """The key. Raises ConfigurationError for one that is too short, and ServiceError."""
        now = self.clock.now()
        if self._text is None or self._until is None or self._until <= now:
            text = secret_text(self.aws, self.arn).strip()
            if len(text) < SHORTEST:
                raise ConfigurationError(f"{self.arn} should hold {SHORTEST} characters or more.")
            self._text, self._until = text, now + BELIEVED
        return self._text
