"""Status Lambda: a poll in, a task's state out. No framework: polls are most of the traffic."""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from windrow.clock import SystemClock
from windrow.errors import WindrowError
from windrow.lambdas.correlated import correlated
from windrow.lambdas.invocation import Event, Handler
from windrow.lambdas.task_status import ROUTES, task_status
from windrow.model.reply import Reply
from windrow.settings import Settings
from windrow.store.latest import Latest
from windrow.store.locks import Locks
from windrow.store.records import Records
from windrow.telemetry.port import Lines, Telemetry

type Answer = Callable[[Latest], Reply]

NOT_FOUND = Reply({"error": "Not found"}, 404)
UNAVAILABLE = Reply({"error": "Service unavailable"}, 503, {"retry-after": "2"})
BROKEN = Reply({"error": "Internal server error"}, 500)


def build(routes: Mapping[str, Answer]) -> Handler:
    """The handler of the deployed status function; `routes` maps "GET /path" to its answer.

    Besides them it answers polls of any task, in every deployment.
    """
    # Here, so that an application's routes can import Reply without the AWS SDK (150 ms).
    from windrow.aws.boto import QUICK, Boto

    settings = Settings.from_environment(os.environ)
    aws = Boto(QUICK)
    latest = Latest(Records(aws, settings.table), Locks(aws, settings.table), SystemClock())
    telemetry = Lines()

    return correlated(lambda event, _context: poll(routes, latest, telemetry, event))


def poll(
    routes: Mapping[str, Answer], latest: Latest, telemetry: Telemetry, event: Event
) -> dict[str, Any]:
    """Answer one poll, whatever happens to it."""
    route = event["routeKey"]
    if route in ROUTES:
        reply = task_status(latest.records, latest.clock, telemetry, event)
    elif answer := routes.get(route):
        reply = _answered(answer, latest, telemetry)
    else:
        reply = NOT_FOUND
    # The local stack answers 50 ms sooner when an invocation writes a line.
    telemetry.event("status.polled", route=route, status=reply.status)
    headers = {"content-type": "application/json", "cache-control": "no-store", **reply.headers}
    if reply.status == 304:
        del headers["content-type"]
    if reply.body is None:
        return {"statusCode": reply.status, "headers": headers}
    body = json.dumps(reply.body, ensure_ascii=False, separators=(",", ":"))
    return {"statusCode": reply.status, "headers": headers, "body": body}


def _answered(answer: Answer, latest: Latest, telemetry: Telemetry) -> Reply:
    try:
        return answer(latest)
    except Exception as error:
        telemetry.warning("status.failed", error=error)
        is_passing = isinstance(error, WindrowError) and error.retryable
        return UNAVAILABLE if is_passing else BROKEN
