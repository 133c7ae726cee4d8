"""A handler of HTTP requests whose lines, tasks and answers carry the request's id and trace."""

from collections.abc import Callable
from secrets import randbits
from typing import Any

from windrow.lambdas.invocation import Event, Handler, LambdaContext
from windrow.model.trace import Cause, RandomBits, cause_of, caused_by

type Answered = dict[str, Any]


def correlated(
    handle: Callable[[Event, LambdaContext], Answered], random_bits: RandomBits = randbits
) -> Handler:
    """The same handler, with X-Request-Id and traceparent in and out."""

    def handler(event: Event, context: LambdaContext) -> Answered:
        with caused_by(_cause(event, context, random_bits)) as cause:
            answer = handle(event, context)
        headers = {"x-request-id": cause.request_id, "traceparent": str(cause.trace)}
        return {**answer, "headers": {**answer.get("headers", {}), **headers}}

    return handler


def _cause(event: Event, context: LambdaContext, random_bits: RandomBits) -> Cause:
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    named = event.get("requestContext", {}).get("requestId")
    return cause_of(headers, named or context.aws_request_id, random_bits)
