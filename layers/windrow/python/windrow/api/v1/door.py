"""What happens to a native request before a route sees it: its quota, and HEAD and OPTIONS.

Polls of a task are answered by the status function, which has no such door: they are not counted.
"""

from collections.abc import Callable
from typing import Any

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from windrow.api.v1.counted import ALLOWANCE, counted
from windrow.api.v1.problems import is_native
from windrow.engine.engine import Engine
from windrow.model.allowance import Allowance
from windrow.model.problem import MEDIA_TYPE, exceeded

type Methods = Callable[[str], set[str]]


class Door:
    """ASGI middleware for /v1; other paths pass it. `methods` says what a path can be asked for."""

    def __init__(self, app: ASGIApp, engine: Engine, methods: Methods) -> None:
        self.app = app
        self.engine = engine
        self.methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_native(scope["path"]):
            await self.app(scope, receive, send)
            return
        methods = self.methods(scope["path"])
        if scope["method"] == "OPTIONS" and methods:
            allow = {"Allow": ", ".join(sorted(methods))}
            await Response(status_code=204, headers=allow)(scope, receive, send)
            return
        allowance = await run_in_threadpool(counted, self.engine, scope)
        known = {"last": allowance} if allowance else {}
        scope[ALLOWANCE] = known
        send = _with_headers(send, known)
        if allowance and not allowance.is_allowed:
            await _refused(allowance, scope["path"])(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self.app({**scope, "method": "GET"}, receive, _without_body(send))
        else:
            await self.app(scope, receive, send)


def _refused(allowance: Allowance, path: str) -> Response:
    problem = exceeded(allowance)
    return JSONResponse(
        problem.body(path),
        status_code=problem.status,
        headers=dict(problem.headers),
        media_type=MEDIA_TYPE,
    )


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
