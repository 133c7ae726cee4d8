"""Fetch: an article's page through the egress function, politely and within limits.

Nothing here opens a connection. Where a URL leads is judged by the egress function, which has no
rights that it could be led to abuse; each redirect is asked for anew, so that it is judged too and
the robots.txt of the host that it leads to is read.
"""

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from tasks.articles.charset import decoded
from tasks.articles.errors import NotFetched, NotFetchedYet
from tasks.articles.robots import LARGEST as LARGEST_ROBOTS
from tasks.articles.robots import Robots
from windrow.aws.errors import Unavailable
from windrow.aws.port import AWS
from windrow.clock import Clock
from windrow.egress.errors import Refused
from windrow.egress.target import Target, redirected, target

# The name that a robots.txt may speak of, and what servers read in their logs.
NAME = "WindrowArticles"
AGENT = f"{NAME}/1.0 (vocabulary of single articles, on request; no crawling)"
LARGEST = 3_000_000
SECONDS = 10
MOST_REDIRECTS = 3
BETWEEN = timedelta(seconds=1)
HTML = ("text/html", "application/xhtml+xml")
REDIRECTS = (301, 302, 303, 307, 308)
# Statuses that another try may change.
PASSING = (408, 425, 429)
NOT_ASCII = re.compile(r"[^\x00-\x7f]+")

type Answer = Mapping[str, Any]
type Origin = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was found, at the end of its redirects."""

    url: str
    html: str


@dataclass
class Fetcher:
    """One attempt's way to the web: it remembers each host's rules, and when it was asked last."""

    aws: AWS
    clock: Clock
    egress: str
    robots: dict[Origin, Robots] = field(default_factory=dict)
    asked: dict[str, datetime] = field(default_factory=dict)

    def page(self, url: str) -> Page:
        """The page of an article. Raises NotFetched, NotFetchedYet, Unavailable."""
        here = _read(url)
        for _ in range(MOST_REDIRECTS + 1):
            self._check_robots(here)
            answer = self._get(here, accept=", ".join(HTML), size=LARGEST)
            further = _further(here, answer)
            if further is None:
                return Page(here.url, _html(answer))
            here = further
        raise NotFetched(f"it was redirected more than {MOST_REDIRECTS} times")

    def _check_robots(self, asked: Target) -> None:
        """Raise NotFetched where the host's robots.txt keeps us away."""
        known = self.robots.get(asked.origin)
        if known is None:
            known = self.robots[asked.origin] = self._robots(asked)
        if not known.allows(asked.path):
            raise NotFetched(f"the robots.txt of {asked.authority} disallows it")

    def _robots(self, asked: Target) -> Robots:
        """The rules of a host. Where there are none, all is allowed; where nobody knows, nothing is
        (RFC 9309, 2.3.1.3 and 2.3.1.4).
        """
        there = replace(asked, path="/robots.txt")
        answer = self._get(
            there, accept="text/plain", size=LARGEST_ROBOTS, redirects=MOST_REDIRECTS
        )
        status = answer["status"]
        if status >= 500 or status in PASSING:
            why = f"its robots.txt could not be read: {_said(status)}"
            raise NotFetchedYet(why, answer["headers"].get("retry-after"))
        if not 200 <= status < 300:
            return Robots(())
        return Robots.read(b64decode(answer["body"]).decode("utf-8", "replace"), NAME)

    def _get(self, asked: Target, *, accept: str, size: int, redirects: int = 0) -> Answer:
        """What a server answers, through the egress function. Raises as `page` does."""
        self._wait_for(asked.authority)
        request = {
            "url": asked.url,
            "method": "GET",
            "headers": {"user-agent": AGENT, "accept": accept},
            "seconds": SECONDS,
            "size": size,
            "redirects": redirects,
            "http": True,
        }
        invoked = self.aws.call(
            "lambda",
            "Invoke",
            {"FunctionName": self.egress, "Payload": json.dumps(request).encode()},
        )
        answer: Answer = json.loads(invoked["Payload"].read())
        if "FunctionError" in invoked:
            kind = str(answer.get("errorType", "Unhandled"))
            raise Unavailable("lambda", "Invoke", kind, "the egress function failed; see its log")
        match answer:
            case {"refused": str(why)}:
                raise NotFetched(why)
            case {"failed": "timeout"}:
                raise NotFetchedYet(f"no answer within {SECONDS} seconds")
            case {"failed": str(trouble), "message": str(why)}:
                raise NotFetchedYet(f"no answer came ({trouble}): {why}")
        return answer

    def _wait_for(self, host: str) -> None:
        """Ask no host twice within a second."""
        before = self.asked.get(host)
        if before is not None and (left := before + BETWEEN - self.clock.now()) > timedelta():
            self.clock.sleep(left)
        self.asked[host] = self.clock.now()


def _read(url: str) -> Target:
    """Where a URL leads. Raises NotFetched for what is not plainly one, like the egress function.

    People copy URLs from browsers, which show é for %C3%A9, and with the place within the page.
    """
    place, _, _fragment = url.partition("#")
    start, slash, rest = place.partition("://")
    host, slash, path = rest.partition("/")
    written = NOT_ASCII.sub(_written, path)
    try:
        return target(f"{start}://{host}{slash}{written}")
    except Refused as refused:
        raise NotFetched(refused.why) from None


def _written(found: re.Match[str]) -> str:
    """Letters in ASCII; what nobody can see is left to be refused."""
    return quote(found[0]) if found[0].isprintable() else found[0]


def _further(here: Target, answer: Answer) -> Target | None:
    """Where an answer leads on to, if it does. Raises NotFetched."""
    location = answer["headers"].get("location")
    if answer["status"] not in REDIRECTS or location is None:
        return None
    try:
        further = redirected(here, location)
    except Refused as refused:
        raise NotFetched(refused.why) from None
    if here.scheme == "https" and further.scheme == "http":
        raise NotFetched("a redirect leads from https to http")
    return further


def _html(answer: Answer) -> str:
    """The text of an answer that is a whole page. Raises NotFetched, NotFetchedYet."""
    status, headers = answer["status"], answer["headers"]
    if status in PASSING or status >= 500:
        raise NotFetchedYet(_said(status), headers.get("retry-after"))
    if not 200 <= status < 300:
        raise NotFetched(_said(status))
    content_type = headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in HTML:
        raise NotFetched(f"it is {kind[:100] or 'of no type'}, not text/html")
    if (coding := headers.get("content-encoding", "identity").strip().lower()) != "identity":
        # What was not asked for is not unpacked: few bytes can be made of very many.
        raise NotFetched(f"it came packed ({coding[:40]})")
    if answer["is_cut"]:
        raise NotFetched(f"it is larger than {LARGEST // 1_000_000} MB")
    return decoded(b64decode(answer["body"]), content_type)


def _said(status: int) -> str:
    """A status as a status line has it: 403 Forbidden."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
