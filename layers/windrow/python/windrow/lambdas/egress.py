"""Egress Lambda: a request to somebody else's address in, its answer or a refusal out.

In, all but `url` optional:

    {"url": "https://...", "method": "POST", "headers": {...}, "body": "<base64>",
     "seconds": 10, "size": 65536, "redirects": 0, "http": false}

Out, one of:

    {"url": "...", "status": 200, "headers": {...}, "body": "<base64>", "is_cut": false}
    {"refused": "why it may not be made: asking again will not help"}
    {"failed": "timeout", "message": "why no answer came: asking again may help"}

Of the headers that came these are passed on, 4 KB in all: retry-after, location, content-type,
content-encoding, etag.

It has no rights but to write its own log, and no settings but those that every function has: what
it can be led to read or ask holds nothing. It raises only for what is no such request.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from windrow.egress.client import Answer, Request, ask
from windrow.egress.errors import Refused, Unreachable
from windrow.egress.policy import Policy
from windrow.lambdas.invocation import Event, Handler, LambdaContext
from windrow.telemetry.port import Lines, Telemetry

# Lambda answers with 6 MB at most, and base64 makes four bytes of three.
LARGEST = 4_000_000
LONGEST = 20.0
MOST_REDIRECTS = 3
# Of a stranger's headers those that a caller acts on, and no more than that many bytes of them.
PASSED_ON = ("retry-after", "location", "content-type", "content-encoding", "etag")
MOST_OF_HEADERS = 4_096

type Ask = Callable[[Request, Policy], Answer]


def build() -> Handler:
    """The handler of the deployed egress function."""
    policy = Policy.from_environment(os.environ)
    telemetry = Lines()

    def handler(event: Event, _context: LambdaContext) -> dict[str, Any]:
        return request(event, policy, telemetry)

    return handler


def request(event: Event, policy: Policy, telemetry: Telemetry, make: Ask = ask) -> dict[str, Any]:
    """Make the request of an event, if it may be made."""
    asked = _request(event)
    allowed = replace(policy, http=event.get("http") is True)
    try:
        answer = make(asked, allowed)
    except Refused as refused:
        telemetry.event("egress.refused", reason=refused.why)
        return {"refused": refused.why}
    except Unreachable as failed:
        telemetry.event("egress.failed", trouble=failed.trouble)
        return {"failed": str(failed.trouble), "message": failed.why}
    telemetry.event("egress.answered", status=answer.status)
    return {
        "url": answer.url,
        "status": answer.status,
        "headers": _passed_on(answer.headers),
        "body": b64encode(answer.body).decode(),
        "is_cut": answer.is_cut,
    }


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that a caller is shown, as far as there is room for them whole."""
    shown: dict[str, str] = {}
    left = MOST_OF_HEADERS
    for name in PASSED_ON:
        size = len(name) + len(headers.get(name, ""))
        if name in headers and size <= left:
            shown[name] = headers[name]
            left -= size
    return shown


def _request(event: Event) -> Request:
    plain = Request(url=event["url"])
    body = event.get("body")
    return Request(
        url=event["url"],
        method=event.get("method", plain.method),
        headers=event.get("headers", plain.headers),
        body=None if body is None else b64decode(body, validate=True),
        seconds=min(float(event.get("seconds", plain.seconds)), LONGEST),
        size=min(int(event.get("size", plain.size)), LARGEST),
        redirects=min(int(event.get("redirects", plain.redirects)), MOST_REDIRECTS),
    )
