"""A whole deployment in one process: the real handlers on the simulated AWS, one step at a time."""

import asyncio
import json
import re
import threading
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.clock import FakeClock
from tests.faults import FaultyPort, Killed
from tests.hints import Hints
from tests.simulated.aws import Services
from tests.simulated.dynamodb.stream import SHARDS, Stream, batch
from tests.simulated.time import Time
from windrow import wiring
from windrow.aws.errors import Unavailable
from windrow.engine.engine import Engine
from windrow.engine.registry import Registry
from windrow.engine.sweep import sweep
from windrow.lambdas import status, stream, worker
from windrow.lambdas.api import Routers, serve
from windrow.lambdas.correlated import correlated
from windrow.lambdas.invocation import Event, Handler, LambdaContext
from windrow.lambdas.task_status import ROUTES
from windrow.model.records import Chunk, Task
from windrow.model.ref import Ref
from windrow.store.keys import milliseconds
from windrow.store.latest import Latest
from windrow.store.polled import Routes
from windrow.system.deliver import delivering
from windrow.telemetry.metrics import Metric
from windrow.telemetry.port import Lines

ENVIRONMENT = {
    "WINDROW_TABLE": "TasksTable",
    "WINDROW_BUCKET": "windrow-bucket",
    "WINDROW_QUEUE_DEFAULT": "https://sqs/default",
    "WINDROW_QUEUE_LONG": "https://sqs/long",
    "WINDROW_SCHEDULE_GROUP": "windrow",
    "WINDROW_SCHEDULE_TARGET": "arn:aws:lambda:us-east-1:123456789012:function:windrow-scheduler",
    "WINDROW_SCHEDULE_ROLE": "arn:aws:iam::123456789012:role/windrow-schedules",
    "APPLICATION_TABLE": "ApplicationTable",
    "COUNTRIES_UPSTREAM": "bundled",
    "MAIL_FROM": "windrow@example.com",
    "MAIL_TRANSPORT": "ses",
}
# The pools of the applications: there where a task names one, so that others count two pools.
OF_APPLICATIONS = {"analytics", "articles", "cleanup", "email", "reports"}


class Recorded(Lines):
    """Telemetry that remembers."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.counts: dict[Metric, float] = {}

    def event(self, verb: str, **ids: Any) -> None:
        self.events.append((verb, ids))

    def warning(self, verb: str, *, error: BaseException | None = None, **ids: Any) -> None:
        self.events.append((verb, {**ids, "exception": error}))

    def count(self, metric: Metric, amount: float = 1) -> None:
        self.counts[metric] = self.counts.get(metric, 0) + amount

    def verbs(self) -> list[str]:
        """The verbs of the events so far, in order."""
        return [verb for verb, _ in self.events]


@dataclass
class FakeContext:
    """What the Lambda runtime hands a handler: a minute to go, unless a test says otherwise."""

    remaining: timedelta = timedelta(seconds=60)
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.remaining.total_seconds() * 1000)


@dataclass
class Response:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Deployment:
    """The functions of a deployment, and the world around them."""

    engine: Engine
    services: Services
    port: FaultyPort
    hints: Hints
    clock: FakeClock
    telemetry: Recorded
    routers: Routers
    status_routes: Routes
    latest: Latest
    stream: Stream
    context: FakeContext = field(default_factory=FakeContext)
    streamed: list[int] = field(default_factory=lambda: [0] * SHARDS)

    @cached_property
    def api(self) -> Handler:
        """The API, made when it is first asked: most tests ask none, and its routes take longer to
        make than all the rest.
        """
        return serve(self.engine, self.routers)

    def http(
        self,
        method: str,
        path: str,
        *,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        tenant: str | None = None,
    ) -> Response:
        """One request, as API Gateway would hand it to the status or the API function.

        `tenant` is what a Lambda authorizer says of the caller, "" if it says nothing; without,
        there is no authorizer.
        """
        event = http_event(method, path, body, headers or {})
        if tenant is not None:
            event["requestContext"]["authorizer"] = {
                "lambda": {"tenant": tenant} if tenant else {"sub": "1"}
            }
        if self._is_routed_to_status(event):
            reply = correlated(self._poll)(event, self.context)
        else:
            event["routeKey"] = "$default"
            reply = self.api(event, self.context)
        text = reply.get("body") or ""
        raw = b64decode(text) if reply.get("isBase64Encoded") else text.encode()
        return Response(reply["statusCode"], reply.get("headers", {}), raw)

    def _is_routed_to_status(self, event: dict[str, Any]) -> bool:
        """Is there a route of the status function? If so, the event says which, as the gateway."""
        method = event["requestContext"]["http"]["method"]
        for route in (*ROUTES, *self.status_routes):
            path = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.partition(" ")[2])
            found = re.fullmatch(path, event["rawPath"])
            if found and method in ("GET", "HEAD"):
                event["routeKey"] = f"{method} {route.partition(' ')[2]}"
                if named := found.groupdict():
                    event["pathParameters"] = {key: unquote(is_) for key, is_ in named.items()}
                return True
        return False

    def _poll(self, event: Event, _context: LambdaContext) -> dict[str, Any]:
        return status.poll(self.status_routes, self.latest, self.telemetry, event)

    def deliver(self) -> bool:
        """Hand one visible hint to the worker; False when there is none.

        A worker that is killed acknowledges nothing: the hint comes back when its visibility ends.
        """
        message = self.hints.receive()
        if message is None:
            return False
        event = {"Records": [message.record()]}
        try:
            reply = worker.work(self.engine, event, self.context)
        except Killed:
            return True
        if not reply["batchItemFailures"]:
            self.hints.delete(message)
        self.hints.bury()
        return True

    def pump(self, limit: int = 10_000) -> int:
        """Deliver until no hint is visible; returns how many were delivered."""
        for delivered in range(limit):
            if not self.deliver():
                return delivered
        raise AssertionError(f"hints still arrive after {limit} deliveries")

    def sweep(self) -> None:
        """One tick of the sweeper; if it is killed or finds AWS down, the next is on its way."""
        with suppress(Killed, Unavailable):
            sweep(self.engine, self.clock.now() + timedelta(seconds=55))

    def run_for(self, duration: timedelta, tick: timedelta = timedelta(seconds=60)) -> None:
        """Let time pass, with the sweeper each minute and a worker for every hint."""
        end = self.clock.now() + duration
        while self.clock.now() < end:
            self.clock.advance(min(tick, end - self.clock.now()))
            self.sweep()
            self.pump()

    def count(self) -> None:
        """Hand what is new in the table's stream to its consumer, shard by shard."""
        for shard, position in enumerate(self.streamed):
            records, after = self.stream.read(shard, position)
            if records:
                stream.consume(self.engine, batch(records, shard))
            self.streamed[shard] = after

    def task(self, task_id: str) -> Task:
        """The record of a task, which must be there."""
        task = self.engine.records.task(Ref("default", task_id))
        assert task is not None
        return task

    def chunks(self, task_id: str) -> list[Chunk]:
        """Every chunk of a map."""
        ref = Ref("default", task_id)
        groups = self.engine.records.groups(ref)
        return [chunk for group in groups for chunk in self.engine.records.chunks(group.ref)]


@contextmanager
def deploy(
    registry: Registry,
    *,
    routers: Routers = lambda _engine: [],
    status_routes: Routes | None = None,
    tables: Iterable[str] = ("TasksTable", "ApplicationTable"),
    telemetry: Recorded | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Deployment]:
    """A deployment of these tasks and routes, told more by `settings`."""
    with thread_loop():
        services = Services(Time())
        services.create_tables(*tables)
        services.call("s3", "CreateBucket", {"Bucket": ENVIRONMENT["WINDROW_BUCKET"]})
        clock, telemetry = FakeClock(), telemetry or Recorded()
        changes = services.dynamodb.tables["TasksTable"].stream
        assert changes is not None
        changes.now = lambda: milliseconds(clock.now())
        hints = Hints(services, clock)
        port = FaultyPort(hints)
        engine = wiring.engine(
            registry,
            telemetry,
            aws=port,
            clock=clock,
            environment=ENVIRONMENT | _queues(registry) | dict(settings or {}),
            delivering=delivering,
        )
        yield Deployment(
            engine=engine,
            services=services,
            port=port,
            hints=hints,
            clock=clock,
            telemetry=telemetry,
            routers=routers,
            status_routes=status_routes or {},
            latest=Latest(engine.records, engine.tasks.locks, clock),
            stream=changes,
        )


def _queues(registry: Registry) -> dict[str, str]:
    """The queues of the applications' pools that these tasks are for."""
    pools = OF_APPLICATIONS & {each.pool for each in registry}
    return {f"WINDROW_QUEUE_{pool.upper()}": f"https://sqs/{pool}" for pool in pools}


@contextmanager
def thread_loop() -> Iterator[None]:
    """An event loop for Mangum, which takes the thread's own and never closes it.

    A module's deployment may live while a test makes one of its own: each leaves the other a loop.
    """
    loop = asyncio.new_event_loop()
    loops = _LOOPS.of_thread
    loops.append(loop)
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        loops.remove(loop)
        asyncio.set_event_loop(loops[-1] if loops else None)
        loop.close()


class _Loops(threading.local):
    """The loops that the thread has, the newest last."""

    def __init__(self) -> None:
        self.of_thread: list[asyncio.AbstractEventLoop] = []


_LOOPS = _Loops()


def http_event(
    method: str, path: str, body: str | None, headers: Mapping[str, str]
) -> dict[str, Any]:
    """A request as API Gateway's payload format 2.0 has it."""
    parts = urlsplit(path)
    return {
        "version": "2.0",
        "routeKey": f"{method} {parts.path}",
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": {"host": "api.example", **headers},
        **_query(parts.query),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.example",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": parts.path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "test",
            },
            "requestId": "request-1",
            "routeKey": f"{method} {parts.path}",
            "stage": "$default",
            "time": "15/Jan/2026:10:30:00 +0000",
            "timeEpoch": 1768473000000,
        },
        "body": body,
        "isBase64Encoded": False,
    }


def _query(text: str) -> dict[str, Any]:
    """The parameters; API Gateway joins doubled ones, and leaves the field out without any."""
    named = {name: ",".join(values) for name, values in parse_qs(text).items()}
    return {"queryStringParameters": named} if named else {}
