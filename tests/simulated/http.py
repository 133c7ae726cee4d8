"""The API function on a simulated AWS: requests pass through Mangum, FastAPI and the routes."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.harness import http_event, thread_loop
from tests.simulated.deployment import Deployment
from tests.simulated.fibers import Killed
from tests.simulated.functions import Handler, Invocation
from tests.simulated.lags import Range
from tests.simulated.time import SECOND
from windrow.engine.engine import Engine
from windrow.lambdas.api import Routers, serve
from windrow.model.ref import DEFAULT_TENANT


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client is answered. Status 0: nothing, for the function died or took too long."""

    caller: str
    status: int
    headers: Mapping[str, str]
    body: Any


type Told = Callable[[Answer], None]


class Api:
    """The API function of a deployment. Every answer is shown to those in `told` as well."""

    def __init__(self, deployment: Deployment, routers: Routers, *, skew: Range = (0, 0)) -> None:
        self.told: list[Told] = []
        self.world = deployment.world
        self._function = deployment.function(
            "api",
            lambda engine: _handler(engine, routers),
            timeout=10 * SECOND,
            concurrency=1000,
            skew=skew,
        )
        # A planned death is no news; whatever else an application raises is.
        logging.getLogger("mangum.http").addFilter(_is_no_death)

    def request(
        self,
        method: str,
        path: str,
        told: Told,
        *,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Let a client ask now; `told` is told the answer."""
        sent = {"content-type": "application/json", **(headers or {})}
        event = http_event(method, path, body, sent)
        event["routeKey"] = "$default"
        caller = f"api-{self._function.invoked + 1}"
        self.world.tenants[caller] = DEFAULT_TENANT

        def ended(invocation: Invocation) -> None:
            answer = _answer(caller, invocation)
            for listener in (*self.told, told):
                listener(answer)

        self._function.invoke(event, ended)


def _handler(engine: Engine, routers: Routers) -> Handler:
    with thread_loop():  # Mangum takes the thread's loop as it is made
        answer = serve(engine, routers)

    def handle(event: Any, context: Any) -> Any:
        with thread_loop():
            return answer(event, context)

    return handle


def _answer(caller: str, invocation: Invocation) -> Answer:
    if not invocation.has_returned:
        return Answer(caller, 0, {}, None)
    if invocation.error is not None:
        return Answer(caller, 500, {}, repr(invocation.error))
    reply = invocation.value
    return Answer(caller, reply["statusCode"], reply["headers"], json.loads(reply["body"]))


def _is_no_death(line: logging.LogRecord) -> bool:
    return line.exc_info is None or not isinstance(line.exc_info[1], Killed)
