"""GET /v1/tasks/{id} as the status function answers it: one read of one item, and no framework."""

from dataclasses import replace
from datetime import timedelta

from windrow.clock import Clock
from windrow.errors import NotFound
from windrow.lambdas.invocation import Event
from windrow.model.poll import Poll, answer
from windrow.model.problem import (
    BROKEN,
    MEDIA_TYPE,
    UNAVAILABLE,
    Problem,
    Wrong,
    invalid,
    problem_of,
)
from windrow.model.ref import NAME, Ref
from windrow.model.reply import Reply
from windrow.model.tenant import tenant_of
from windrow.store.records import Records
from windrow.store.watch import Watch
from windrow.telemetry.port import Telemetry

ROUTES = frozenset({"GET /v1/tasks/{id}", "HEAD /v1/tasks/{id}"})
# Those that wait where they are asked to: the gateway lets fewer of them through. Who asks for no
# body (HEAD) waits for none, and holds no function.
WAITING = frozenset({"GET /v1/tasks/{id}"})


def task_status(records: Records, clock: Clock, telemetry: Telemetry, event: Event) -> Reply:
    """The answer to one poll of a task, whatever happens to it."""
    try:
        reply = _polled(records, clock, event)
    except Exception as error:
        problem = problem_of(error)
        if problem in (UNAVAILABLE, BROKEN):
            telemetry.warning("status.failed", error=error)
        reply = _shown(problem, event["rawPath"])
    if event["requestContext"]["http"]["method"] == "HEAD":
        return Reply(None, reply.status, reply.headers)
    return reply


def _polled(records: Records, clock: Clock, event: Event) -> Reply:
    if given := event.get("queryStringParameters"):
        unknown = invalid(*(Wrong(name, "no parameter of this name") for name in given))
        return _shown(unknown, event["rawPath"])
    tenant = tenant_of(event["requestContext"])
    task_id = event["pathParameters"]["id"]
    if not NAME.fullmatch(task_id):
        raise NotFound(task_id)
    poll = Poll.of(event.get("headers", {}))
    if event["routeKey"] not in WAITING:
        poll = replace(poll, wait=None)
    wait = poll.wait or timedelta()
    task = Watch(records, clock).task(Ref(tenant, task_id), poll.is_met_by, wait)
    return answer(task, poll, task_id, clock.now())


def _shown(problem: Problem, path: str) -> Reply:
    headers = {"content-type": MEDIA_TYPE, **problem.headers}
    return Reply(problem.body(path), problem.status, headers)
