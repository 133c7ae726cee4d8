"""The front door: one stable base URL on this machine for the API of the stack behind it."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import request_response

from windrow.local.callers import OnlyFor, names_of
from windrow.local.emulator import HOST
from windrow.local.errors import PortTaken

# A little over the 30 s after which API Gateway itself gives up.
_TIMEOUT = 35.0
# The emulator starts a process for each request that is under way, and never gives it back. A burst
# is sooner done by a few warm ones: 24 POSTs at once took 12 s and a gigabyte, each its own.
_AT_ONCE = 4
# They belong to one connection, not to the message (RFC 9110, 7.6.1).
_HOP_BY_HOP = {
    b"connection",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
}


def listen(port: int) -> socket.socket:
    """Take the port now, before anything is started for it; 0 takes any. Raises PortTaken."""
    # asyncio sends small packets at once only where a socket says that it is TCP's: an answer on a
    # connection that is kept open came 40 ms late.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else None
        raise PortTaken(
            HOST,
            port,
            (reason or str(error)).lower(),
            is_privileged=isinstance(error, PermissionError),
        ) from error
    return listener


def url_of(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def proxy(upstream: str, host: str) -> Starlette:
    """An application that hands each request to `upstream` and gives back its answer as it is."""
    client = httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False)

    turns = asyncio.Semaphore(_AT_ONCE)

    async def forward(request: Request) -> Response:
        outgoing = _outgoing(request, upstream, host, await request.body())
        try:
            async with turns:
                answer = await client.send(outgoing, stream=True)
                content = b"".join([part async for part in answer.aiter_raw()])
        except httpx.TimeoutException:
            return JSONResponse({"message": "The local stack did not answer in time."}, 504)
        except httpx.TransportError:
            return JSONResponse({"message": "The local stack is not running."}, 502)
        response = Response(content, answer.status_code)
        response.raw_headers = [
            (name.lower(), value)
            for name, value in answer.headers.raw
            if name.lower() not in _HOP_BY_HOP
        ]
        return response

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    application = Starlette(lifespan=lifespan)
    # A route would match no path with a line break, and only the methods that it names.
    application.router.default = request_response(forward)
    return application


def _outgoing(request: Request, upstream: str, host: str, body: bytes) -> httpx.Request:
    """The same request to the upstream, its path and query as they were written."""
    base = httpx.URL(upstream)
    raw_path: bytes = request.scope["raw_path"] or request.url.path.encode()
    if query := request.scope["query_string"]:
        raw_path += b"?" + query
    headers = [
        (name, value)
        for name, value in request.headers.raw
        if name not in _HOP_BY_HOP and name != b"host"
    ]
    return httpx.Request(
        request.method,
        base,
        # The emulator routes by host as well; ours is fixed, so that no caller's leads it astray.
        headers=[(b"host", host.encode()), *headers],
        content=body,
        # A URL would be tidied up: "/../.." would climb out of the API, "#" would be refused.
        extensions={"target": base.raw_path.rstrip(b"/") + raw_path},
    )


@contextlib.contextmanager
def serve(listener: socket.socket, application: Starlette) -> Iterator[None]:
    """Answer on the taken port until the block ends, to requests that were meant for it."""
    own = names_of(listener.getsockname()[1])
    config = uvicorn.Config(
        OnlyFor(own, application),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        listener.close()
