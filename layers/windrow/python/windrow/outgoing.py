"""What a deployment tells the library about events and webhooks, read once and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from windrow.egress.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Where events go.

    deployment   the stack's name, which is part of every event's source
    bus          the name or ARN of an EventBridge bus; None where none is told
    signing_key  the ARN of the secret or parameter that webhooks are signed with; None where there
                 are none
    egress       the function that asks strangers' addresses, for whoever delivers
    receivers    where those addresses may be
    """

    deployment: str = "windrow"
    bus: str | None = None
    signing_key: str | None = None
    egress: str | None = None
    receivers: Policy = field(default_factory=Policy)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Outgoing":
        """Read WINDROW_EVENT_BUS, WINDROW_SIGNING_KEY, WINDROW_EGRESS, WINDROW_RECEIVERS, and the
        stack's name, which Powertools has.

        Raises ConfigurationError.
        """
        return cls(
            deployment=environment.get("POWERTOOLS_SERVICE_NAME") or "windrow",
            bus=environment.get("WINDROW_EVENT_BUS") or None,
            signing_key=environment.get("WINDROW_SIGNING_KEY") or None,
            egress=environment.get("WINDROW_EGRESS") or None,
            receivers=Policy.from_environment(environment),
        )
