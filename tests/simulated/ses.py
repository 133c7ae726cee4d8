"""SES, simulated: mails that were taken, and refusals that a test plans."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulated.refusals import Refusal, Unsupported, only

type Parameters = Mapping[str, Any]
type Answer = dict[str, Any]

SEND = frozenset({"FromEmailAddress", "Destination", "ReplyToAddresses", "Content", "EmailTags"})
SIMPLE = frozenset({"Subject", "Body", "Headers", "Attachments"})


@dataclass
class SES:
    """What was sent through the second API. `refuses` says with which code a mail is refused."""

    sent: list[Parameters] = field(default_factory=list)
    refuses: Callable[[Parameters], str | None] = field(default=lambda _mail: None)

    def call(self, operation: str, parameters: Parameters) -> Answer:
        """One call. Raises Refusal as AWS refuses, and Unsupported for what is not simulated."""
        if operation != "SendEmail":
            raise Unsupported(f"The simulated SES has no {operation}.")
        only(parameters, operation, SEND)
        only(parameters["Content"]["Simple"], operation, SIMPLE)
        if code := self.refuses(parameters):
            raise Refusal(code, "planned")
        self.sent.append(parameters)
        return {"MessageId": f"ses-{len(self.sent)}"}
