"""What a function is invoked with, as far as Windrow reads it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from windrow.clock import Clock

type Event = dict[str, Any]
type Handler = Callable[[Event, "LambdaContext"], Any]


class LambdaContext(Protocol):
    """The runtime's context object."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Until the platform kills this invocation."""
        ...


def ends_at(clock: Clock, context: LambdaContext) -> datetime:
    """When the platform kills this invocation."""
    return clock.now() + timedelta(milliseconds=context.get_remaining_time_in_millis())
