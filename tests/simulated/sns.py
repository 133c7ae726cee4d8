"""SNS, simulated: what topics were told, and refusals that a test plans."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulated.refusals import Refusal, Unsupported, only

type Parameters = Mapping[str, Any]
type Answer = dict[str, Any]

PUBLISH = frozenset(
    {
        "TopicArn",
        "Subject",
        "Message",
        "MessageAttributes",
        "MessageGroupId",
        "MessageDeduplicationId",
    }
)


@dataclass
class SNS:
    """All topics of a simulated world. `refuses` says with which code a message is refused."""

    published: list[Parameters] = field(default_factory=list)
    refuses: Callable[[Parameters], str | None] = field(default=lambda _message: None)

    def call(self, operation: str, parameters: Parameters) -> Answer:
        """One call. Raises Refusal as AWS refuses, and Unsupported for what is not simulated."""
        if operation != "Publish":
            raise Unsupported(f"The simulated SNS has no {operation}.")
        only(parameters, operation, PUBLISH)
        if code := self.refuses(parameters):
            raise Refusal(code, "planned")
        self.published.append(parameters)
        return {"MessageId": f"sns-{len(self.published)}"}
