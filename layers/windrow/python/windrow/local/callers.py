"""Who may speak to a server of the local stack: programs that mean it, and not any page of the web.

A browser opens connections to loopback for every page that it shows. What gives a page away is the
Origin or Sec-Fetch-… that the browser adds, which no page can leave out; and where a name of the
page's own was made to lead here (DNS rebinding), that name in Host.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, MutableMapping
from typing import Any

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
Application = Callable[[_Message, _Receive, _Send], Awaitable[None]]

# What this machine is called inside a container.
FROM_CONTAINERS = "host.docker.internal"

_OF_A_PAGE = {b"origin", b"sec-fetch-dest", b"sec-fetch-mode", b"sec-fetch-site"}


def names_of(port: int, *more: str) -> frozenset[str]:
    """The Host of a request that was sent to this port here, or to one of the names in `more`."""
    names = ("127.0.0.1", "localhost", *more)
    # Port 80 is the one that a URL, and so Host, may leave out.
    bare = names if port == 80 else ()
    return frozenset([f"{name}:{port}" for name in names] + list(bare))


class OnlyFor:
    """An ASGI application that answers 403 to what was not sent to one of `hosts`.

    With `pages` off it answers 403 to pages of the web as well. A Host in `trusted` passes always:
    no page can send one that is not in its own URL.
    """

    def __init__(
        self,
        hosts: Collection[str],
        application: Application,
        *,
        pages: bool = True,
        trusted: Collection[str] = (),
    ) -> None:
        self._hosts = hosts
        self._application = application
        self._pages = pages
        self._trusted = trusted

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        reason = self._refusal(scope["headers"]) if "headers" in scope else None
        if reason is None:
            await self._application(scope, receive, send)
        elif scope["type"] == "http":
            await _forbid(send, reason)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": reason})

    def _refusal(self, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        headers = list(headers)
        found = {value.decode("latin-1").lower() for name, value in headers if name == b"host"}
        if found and found <= set(self._trusted):
            return None
        if not found or not found <= set(self._hosts):
            return f"This server answers requests to {min(self._hosts)} only."
        if not self._pages and any(name in _OF_A_PAGE for name, _ in headers):
            return "The local AWS emulator answers no page of a browser: use boto3 or the AWS CLI."
        return None


async def _forbid(send: _Send, reason: str) -> None:
    body = reason.encode() + b"\n"
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
