"""GET JSON from an API that may be slow, busy, down, or wrong with a status of 200."""

import logging
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from http.client import responses
from typing import Any, NoReturn, Self

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util import parse_url

from tasks.countries.upstreams.base import UpstreamUnavailable
from tasks.countries.upstreams.shape import Misshapen, complaint, decoded
from windrow import __version__
from windrow.clock import Clock

log = logging.getLogger(__name__)

LARGEST_BODY = 5_000_000
READ_SIZE = 64 * 1024
LONGEST_COMPLAINT = 200


@dataclass(frozen=True, slots=True)
class Pace:
    """How long one API is waited for.

    All requests to one API, with their further tries and the waits between, share `limit`. A worker
    lives for 60 s: two APIs take 40 of them at most, and 20 are left to store what came.
    A Retry-After is obeyed if the wait ends within the limit. A longer one ends the fetch at once:
    coming back sooner than asked would only be refused again.
    """

    limit: timedelta = timedelta(seconds=20)
    timeout: timedelta = timedelta(seconds=10)
    """From the request to the start of the answer, and between two pieces of it."""
    tries: int = 3
    backoff: timedelta = timedelta(seconds=1)
    """The longest first wait; the next may be twice as long. Each is drawn at random below that."""

    def wait(self, tried: int) -> timedelta:
        longest: timedelta = self.backoff * 2 ** (tried - 1)
        return longest * random.random()


class Stumble(Exception):
    """One try failed. `may_pass` says whether another one could do better, `wait` when."""

    def __init__(self, reason: str, *, may_pass: bool, wait: timedelta | None = None) -> None:
        self.reason = reason
        self.may_pass = may_pass
        self.wait = wait
        super().__init__(reason)


class Fetch:
    """One visit to one API: a connection, and the time that all its requests share."""

    def __init__(
        self, api: str, url: str, *, clock: Clock, pace: Pace, key: str | None = None
    ) -> None:
        self._api = api
        self._clock = clock
        self._pace = pace
        self._key = key
        self._deadline = clock.now() + pace.limit
        headers = {"Accept": "application/json", "User-Agent": f"windrow/{__version__}"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        # Tries are counted here, not by urllib3, whose first retry never waits and whose waits know
        # neither our clock nor our limit. No redirect is followed: it would take the key along.
        self._pool = urllib3.connection_from_url(url, maxsize=1, headers=headers, retries=False)
        self._target = parse_url(url).request_uri

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def get[T](self, parse: Callable[[Any], T], query: str = "") -> T:
        """What `parse` makes of the JSON that comes; it raises `Misshapen` for another shape.

        Raises `UpstreamUnavailable` when no try gave it.
        """
        tried = 0
        while True:
            tried += 1
            try:
                return self._try(parse, self._target + query)
            except Stumble as stumble:
                wait = self._pace.wait(tried) if stumble.wait is None else stumble.wait
                if not stumble.may_pass or tried == self._pace.tries or wait >= self._left():
                    raise UpstreamUnavailable(self._api, stumble.reason) from stumble
                log.warning(
                    "upstream.stumbled api=%s try=%d wait=%.1fs reason=%s",
                    self._api, tried, wait.total_seconds(), stumble.reason,
                )  # fmt: skip
                self._clock.sleep(wait)

    def _try[T](self, parse: Callable[[Any], T], target: str) -> T:
        body = self._body(target)
        document = None
        try:
            document = decoded(body)
            return parse(document)
        except Misshapen as error:
            said = self._said(document)
            reason = f"an error body: {said}" if said else f"an unexpected body: {error}"
            raise Stumble(f"200 with {reason}", may_pass=False) from error

    def _body(self, target: str) -> bytes:
        timeout = min(self._pace.timeout, self._time_left()).total_seconds()
        try:
            response = self._pool.request(
                "GET",
                target,
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(total=timeout),
            )
            try:
                if response.status != HTTPStatus.OK:
                    self._refuse(response)
                return self._read(response)
            finally:
                response.close()
        except HTTPError as error:
            raise Stumble(_in_words(error, timeout), may_pass=True) from error

    def _read(self, response: urllib3.BaseHTTPResponse) -> bytes:
        """The whole body, read in pieces so that neither size nor slowness is without end."""
        body = bytearray()
        while piece := response.read1(READ_SIZE):
            body += piece
            if len(body) > LARGEST_BODY:
                raise Stumble(f"200 with more than {LARGEST_BODY:,} bytes", may_pass=False)
            self._time_left()
        return bytes(body)

    def _refuse(self, response: urllib3.BaseHTTPResponse) -> NoReturn:
        status = response.status
        reason = f"{status} {responses.get(status, '')}".strip()
        with suppress(Misshapen):
            if said := self._said(decoded(response.read1(READ_SIZE))):
                reason += f": {said}"
        wait = _retry_after(response)
        if wait is not None:
            reason += f" (Retry-After: {wait.total_seconds():.0f} s)"
        may_pass = status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500
        raise Stumble(reason, may_pass=may_pass, wait=wait)

    def _time_left(self) -> timedelta:
        left = self._left()
        if left <= timedelta(0):
            limit = self._pace.limit.total_seconds()
            raise Stumble(f"no complete answer within {limit:g} s", may_pass=False)
        return left

    def _left(self) -> timedelta:
        return self._deadline - self._clock.now()

    def _said(self, document: object) -> str | None:
        """What an error body says, but for the key, which an API may repeat and we never do."""
        said = complaint(document)
        if said and self._key:
            said = said.replace(self._key, "***")
        return said and said[:LONGEST_COMPLAINT]


def _retry_after(response: urllib3.BaseHTTPResponse) -> timedelta | None:
    """The wait that the API asks for, given in seconds or as a date."""
    try:
        seconds = urllib3.Retry().get_retry_after(response)
    except InvalidHeader:
        return None
    return None if seconds is None else timedelta(seconds=seconds)


def _in_words(error: HTTPError, timeout: float) -> str:
    match error:
        case NewConnectionError():  # refused or not found; urllib3 calls it a kind of timeout too
            return str(error)
        case ConnectTimeoutError():
            return f"no connection within {timeout:g} s"
        case ReadTimeoutError():
            return f"no answer within {timeout:g} s"
    return str(error)
