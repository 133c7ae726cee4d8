"""How long an error itself asks to be waited for: the task's own wish, or an upstream's."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

# Longer than any deadline; more would not fit into a timedelta, or into a year.
LONGEST = timedelta(days=3660)
DELAY_SECONDS = re.compile(r"\s*[0-9]{1,18}\s*")


def asked_wait(error: BaseException, now: datetime) -> timedelta | None:
    """What an error's `retry_after`, or the Retry-After of the response it carries, asks for.

    `retry_after` may be a timedelta, seconds, an instant, or a header's text; `response.headers`
    are those of requests, httpx and their like, `headers` those of urllib. None when nothing is
    asked, or nothing that can be understood: a server's mistake must not fail a task.
    """
    # An error of anybody's making is looked at: its properties may raise whatever they like.
    with suppress(Exception):
        for asked in (getattr(error, "retry_after", None), *_headers(error)):
            wait = _understood(asked, now)
            if wait is not None:
                return min(max(wait, timedelta()), LONGEST)
    return None


def _headers(error: BaseException) -> list[Any]:
    carriers = [getattr(error, "response", None), error]
    headers: list[Any] = [getattr(carrier, "headers", None) for carrier in carriers]
    names = ("Retry-After", "retry-after")
    return [each.get(name) for each in headers if hasattr(each, "get") for name in names]


def _understood(asked: Any, now: datetime) -> timedelta | None:
    match asked:
        case timedelta():
            return asked
        case datetime():
            return asked - now
        case bool():
            return None
        case int() | float():
            return (
                timedelta(seconds=min(asked, LONGEST.total_seconds())) if asked == asked else None
            )
        case str():
            return _header(asked, now)
        case _:
            return None


def _header(text: str, now: datetime) -> timedelta | None:
    """Seconds, or an HTTP date (RFC 9110, 10.2.3)."""
    if DELAY_SECONDS.fullmatch(text):
        return timedelta(seconds=min(int(text), LONGEST.total_seconds()))
    # Only where it is needed: the parsers of mail cost a cold start.
    from email.utils import parsedate_to_datetime

    until = parsedate_to_datetime(text)
    return (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
