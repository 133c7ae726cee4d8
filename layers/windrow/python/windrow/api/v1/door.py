"""What happens to a request before a route sees it: its quota, and under /v1 HEAD and OPTIONS.

Counted is every request under /v1, and of the applications' own those that change something. Polls
of a task are answered by the status function, which has no such door: they are not counted.
"""

from collections.abc import Callable
from typing import Any

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from windrow.api.v1.counted import ALLOWANCE, counted
from windrow.api.v1.problems import is_native
from windrow.engine.engine import Engine
from windrow.model.allowance import Allowance
from windrow.model.problem import Problem, exceeded

type Methods = Callable[[str], set[str]]
type Refused = Callable[[str, Problem], Response]

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Door:
    """ASGI middleware; what an application is asked to read passes it.

    methods  says what a path can be asked for
    refused  words a problem as the callers of a path know it
    """

    def __init__(self, app: ASGIApp, engine: Engine, methods: Methods, refused: Refused) -> None:
        self.app = app
        self.engine = engine
        self.methods = methods
        self.refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_native(scope["path"]):
            await self._native(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] in CHANGING:
            await self._counted(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _native(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods = self.methods(scope["path"])
        if scope["method"] == "OPTIONS" and methods:
            allow = {"Allow": ", ".join(sorted(methods))}
            await Response(status_code=204, headers=allow)(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self._counted({**scope, "method": "GET"}, receive, _without_body(send))
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowance = await run_in_threadpool(counted, self.engine, scope)
        known = {"last": allowance} if allowance else {}
        scope[ALLOWANCE] = known
        send = _with_headers(send, known)
        if allowance and not allowance.is_allowed:
            refused = self.refused(scope["path"], exceeded(allowance))
            await refused(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _with_headers(send: Send, known: dict[str, Allowance]) -> Send:
    """The answer says what is left by then: its route may have counted more."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = known["last"].headers if known else {}
            added = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return sent


def _without_body(send: Send) -> Send:
    """The same headers, Content-Length included, as RFC 9110 (9.3.2) has it."""

    async def sent(message: Any) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sent
