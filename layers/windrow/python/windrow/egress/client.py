"""One request to an address that a stranger wrote down, or a refusal to make it.

Its host is resolved once, every address that comes back is checked, and the connection goes to one
that was: a name that says something else a moment later is not asked again. What TLS and the Host
header speak of is still the name.
"""

import http.client
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from windrow.egress.errors import Refused, Trouble, Unreachable
from windrow.egress.guard import check
from windrow.egress.network import Deadline, Internet, Network, Timed
from windrow.egress.policy import Policy
from windrow.egress.target import Target, redirected, target

REDIRECTS = frozenset({301, 302, 303, 307, 308})
FOLLOWED = frozenset({"GET", "HEAD"})
METHODS = FOLLOWED | {"POST", "PUT"}
# What belongs to the connection and is ours to say.
OURS = frozenset(
    {
        "connection",
        "content-length",
        "cookie",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
HEADER_NAME = re.compile(r"[a-z0-9-]{1,100}")
HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,4000}")
# What another server than the one asked may see of a caller's headers.
CARRIED = frozenset({"accept", "accept-language", "user-agent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to ask. `seconds` is for all of it, `size` for the body of the answer, in bytes."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    seconds: float = 10
    size: int = 65_536
    redirects: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came. Names of headers are in lower case; a body that was longer `is_cut`."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool


def ask(
    request: Request,
    policy: Policy,
    *,
    network: Network | None = None,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """Make a request, and follow its redirects, each checked like the first.

    Only GET and HEAD are redirected; another server than the one that was asked is shown none of
    the caller's headers but the harmless ones. Raises Refused, Unreachable.
    """
    if request.method not in METHODS:
        raise Refused(f"the method is one of {', '.join(sorted(METHODS))}")
    headers = _checked(request.headers)
    deadline = Deadline(request.seconds)
    asked = target(request.url)
    way = network or Internet()
    for followed in range(request.redirects + 1):
        answer = _asked(asked, replace(request, headers=headers), policy, way, deadline, context)
        location = answer.headers.get("location")
        is_redirect = answer.status in REDIRECTS and location is not None
        if not is_redirect or request.method not in FOLLOWED or not request.redirects:
            return answer
        if followed == request.redirects:
            break
        further = redirected(asked, cast(str, location))
        if asked.scheme == "https" and further.scheme == "http":
            raise Refused("a redirect leads from https to http")
        if further.origin != asked.origin:
            headers = {name: value for name, value in headers.items() if name in CARRIED}
        asked = further
    raise Refused(f"it was redirected more than {request.redirects} times")


def _asked(
    asked: Target,
    request: Request,
    policy: Policy,
    network: Network,
    deadline: Deadline,
    context: ssl.SSLContext | None,
) -> Answer:
    addresses = network.addresses(asked.host, asked.port, deadline)
    check(asked, addresses, policy)
    connection = http.client.HTTPConnection(asked.host, asked.port)
    # With a socket of its own it connects nowhere by itself.
    wire = _connected(asked, addresses, network, deadline, context)
    connection.sock = cast(Any, wire)
    try:
        connection.request(
            request.method,
            asked.path,
            body=request.body,
            headers={
                "Host": asked.authority,
                "User-Agent": "Windrow",
                "Accept-Encoding": "identity",
                **{_titled(name): value for name, value in request.headers.items()},
                "Connection": "close",
            },
        )
        answer = connection.getresponse()
        body = answer.read(request.size + 1) if request.method != "HEAD" else b""
        return Answer(
            url=asked.url,
            status=answer.status,
            headers={name.lower(): value for name, value in answer.getheaders()},
            body=body[: request.size],
            is_cut=len(body) > request.size,
        )
    except TimeoutError as error:
        raise Unreachable(Trouble.TIMEOUT, "its time was up") from error
    except (http.client.HTTPException, ValueError) as error:
        raise Unreachable(Trouble.PROTOCOL, type(error).__name__) from error
    except OSError as error:
        raise Unreachable(Trouble.CONNECTION, _said(error)) from error
    finally:
        connection.close()
        wire.end()


def _connected(
    asked: Target,
    addresses: Any,
    network: Network,
    deadline: Deadline,
    context: ssl.SSLContext | None,
) -> Timed:
    """A connection to the first of the checked addresses that takes one."""
    failed: OSError | None = None
    for address in addresses:
        try:
            raw = network.connect(address, asked.port, deadline)
        except OSError as error:
            failed = error
            continue
        if asked.scheme == "http":
            return Timed(raw, deadline)
        try:
            secured = context or ssl.create_default_context()
            return Timed.over_tls(raw, asked.host, secured, deadline)
        except BaseException as error:
            raw.close()
            if isinstance(error, TimeoutError):
                raise Unreachable(Trouble.TIMEOUT, "its time was up") from error
            if isinstance(error, OSError):
                raise Unreachable(Trouble.TLS, _said(error)) from error
            raise
    if isinstance(failed, TimeoutError):
        raise Unreachable(Trouble.TIMEOUT, "its time was up") from failed
    raise Unreachable(Trouble.CONNECTION, _said(failed)) from failed


def _checked(headers: Mapping[str, str]) -> dict[str, str]:
    """A caller's headers by lower-case name. Raises Refused for what is not the caller's to say."""
    named = {name.lower(): value for name, value in headers.items()}
    for name, value in named.items():
        if name in OURS or name.startswith("proxy-"):
            raise Refused(f"the header {name} is not the caller's")
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise Refused("a header is one line of printable ASCII")
    return named


def _titled(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _said(error: OSError | None) -> str:
    """Why, without an address of ours: errors of sockets name none but in their repr."""
    if error is None:
        return "its host has no address"
    return (error.strerror or type(error).__name__)[:200]
