"""The task that delivers an event to a webhook endpoint: declared for all, done by workers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from windrow.engine.context import Context
from windrow.engine.definition import Definition
from windrow.engine.registry import Registry
from windrow.model.delivery import DEADLINE
from windrow.model.event import Event
from windrow.model.retry import RetryPolicy
from windrow.model.system import WEBHOOK
from windrow.outgoing import Outgoing

type Deliver = Callable[[Context, "Delivery"], Any]
type Delivering = Callable[[Outgoing], Deliver]

# Ten seconds, a minute and a half, ... and from the eighth on up to four hours: a day in all, as
# the waits are drawn evenly from nothing to the longest.
RETRY = RetryPolicy(attempts=20, base=timedelta(seconds=10), factor=3, cap=timedelta(hours=4))
# A receiver that hangs must not hold every worker of the pool.
AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Delivery:
    """The params: to which endpoint, and the event without its result."""

    endpoint: str
    event: Event

    @classmethod
    def model_validate(cls, obj: Any) -> "Delivery":
        """As a model of pydantic would; the stream's consumer does without pydantic."""
        match obj:
            case {"endpoint": str(endpoint), "event": dict(event), **rest} if not rest:
                return cls(endpoint, event)
        raise ValueError("a delivery has an endpoint and an event")

    def model_dump(self, *, mode: str) -> dict[str, Any]:  # noqa: ARG002 - it is JSON already
        """The params as they are stored."""
        return {"endpoint": self.endpoint, "event": self.event}


def declared(function: Deliver) -> Definition:
    """The task, done by `function`."""
    return Definition(
        name=WEBHOOK,
        function=function,
        params=Delivery,
        priority=5,
        retry=RETRY,
        limit=AT_ONCE,
        deadline=DEADLINE,
    )


def elsewhere(_outgoing: Outgoing) -> Deliver:
    """Where deliveries are submitted, and never done."""

    def deliver(_context: Context, _delivery: Delivery) -> Any:
        raise AssertionError("deliveries are done by the workers of the pool default")

    return deliver


def with_deliveries(registry: Registry, deliver: Deliver) -> Registry:
    """A deployment's tasks, and the delivery of webhooks."""
    return Registry([*registry, declared(deliver)])
