"""Status Lambda: a poll in, a task's state out. No framework: polls are most of the traffic."""

import json
import os
from typing import Any

from windrow.clock import SystemClock
from windrow.errors import UnknownTenant, WindrowError
from windrow.lambdas.correlated import correlated
from windrow.lambdas.invocation import Event, Handler
from windrow.lambdas.task_status import ROUTES, task_status
from windrow.model.reply import Reply
from windrow.settings import Settings
from windrow.store.latest import Latest
from windrow.store.locks import Locks
from windrow.store.polled import Asked, Polled, Routes
from windrow.store.records import Records
from windrow.telemetry.port import Lines, Telemetry

NOT_FOUND = Reply({"error": "Not found"}, 404)


def build(routes: Routes) -> Handler:
    """The handler of the deployed status function; `routes` are those of the applications.

    Besides them it answers polls of any task, in every deployment.
    """
    # Here, so that an application's routes can import Reply without the AWS SDK (150 ms).
    from windrow.aws.boto import QUICK, Boto

    settings = Settings.from_environment(os.environ)
    aws = Boto(QUICK)
    latest = Latest(Records(aws, settings.table), Locks(aws, settings.table), SystemClock())
    telemetry = Lines()

    return correlated(lambda event, _context: poll(routes, latest, telemetry, event))


def poll(routes: Routes, latest: Latest, telemetry: Telemetry, event: Event) -> dict[str, Any]:
    """Answer one poll, whatever happens to it."""
    route = event["routeKey"]
    if route in ROUTES:
        reply = task_status(latest.records, latest.clock, telemetry, event)
    elif polled := routes.get(route.replace("HEAD ", "GET ", 1)):
        reply = _answered(polled, latest, telemetry, event)
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


def _answered(polled: Polled, latest: Latest, telemetry: Telemetry, event: Event) -> Reply:
    try:
        reply = polled.answer(_asked(latest, event))
    except UnknownTenant as error:
        reply = Reply({polled.says: str(error)}, 403)
    except Exception as error:
        telemetry.warning("status.failed", error=error)
        if isinstance(error, WindrowError) and error.retryable:
            reply = Reply({polled.says: "Service unavailable"}, 503, {"retry-after": "2"})
        else:
            reply = Reply({polled.says: "Internal server error"}, 500)
    is_head = event["requestContext"]["http"]["method"] == "HEAD"
    return Reply(None, reply.status, reply.headers) if is_head else reply


def _asked(latest: Latest, event: Event) -> Asked:
    """The poll of an event of payload format 2.0, which leaves out what is empty."""
    headers = event.get("headers") or {}
    return Asked(
        latest=latest,
        path=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): value for name, value in headers.items()},
        context=event.get("requestContext") or {},
    )
