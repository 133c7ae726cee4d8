"""A handler that operators can follow: its lines carry the request, its metrics leave with it."""

from collections.abc import Callable
from typing import Any

from windrow.lambdas.invocation import Event, Handler, LambdaContext
from windrow.telemetry.powertools import Powertools


def observed(telemetry: Powertools, handle: Callable[[Event, LambdaContext], Any]) -> Handler:
    """The same handler, with the id of each invocation in its lines and its metrics written."""

    def handler(event: Event, context: LambdaContext) -> Any:
        telemetry.begin(context.aws_request_id)
        try:
            return handle(event, context)
        finally:
            telemetry.flush()

    return handler
