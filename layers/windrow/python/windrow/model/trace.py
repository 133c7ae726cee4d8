"""Which request something is done for: an id for people, and the trace of W3C for machines.

The trace (https://www.w3.org/TR/trace-context/) goes from the request to the task's record, with
each hint to the queue, and from the record to every attempt and every task that is submitted by
one. It is ambient, as in OpenTelemetry: a decision never depends on it, and everything that writes
a line, sends a hint or stores a task would have to pass it on.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Self

TRACEPARENT = "traceparent"
REQUEST_ID = "x-request-id"
FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
# What API Gateway and Lambda call a request, for X-Ray.
XRAY = "x-amzn-trace-id"
XRAY_ROOT = re.compile(r"(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?:;|$)")
# Whatever people name requests with, but nothing that a log or a header could trip over.
NAMED = re.compile(r"[A-Za-z0-9._~+/=:@-]{1,128}")

type RandomBits = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Trace:
    """A place in a trace: the trace's own id, the span that caused this, and its flags."""

    trace_id: str
    span_id: str
    flags: str = "00"

    @classmethod
    def parsed(cls, text: str | None) -> Self | None:
        """What a traceparent says; None for one that says nothing, as the standard asks."""
        match = FORM.fullmatch(text or "")
        if match is None:
            return None
        version, trace_id, span_id, flags, more = match.groups()
        if version == "ff" or (version == "00" and more):
            return None
        if set(trace_id) == {"0"} or set(span_id) == {"0"}:
            return None
        # Of a newer version only what this one knows is kept.
        return cls(trace_id, span_id, f"{int(flags, 16) & 1:02x}")

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


@dataclass(frozen=True, slots=True)
class Cause:
    """What is done now is done for this request, if for any."""

    request_id: str | None = None
    trace: Trace | None = None

    @property
    def ids(self) -> dict[str, str]:
        """What every log line carries."""
        ids = {"request_id": self.request_id} if self.request_id else {}
        return ids | ({"trace_id": self.trace.trace_id} if self.trace else {})


def cause_of(headers: Mapping[str, str], fallback: str, random_bits: RandomBits) -> Cause:
    """What a request with these headers, their names in lower case, is known by.

    It is given what it lacks: `fallback` as its id, and a trace, which has the id that X-Ray knows
    the request by where there is one. The span is always a new one, this request's own.
    """
    named = headers.get(REQUEST_ID, "")
    request_id = named if NAMED.fullmatch(named) else fallback
    given = Trace.parsed(headers.get(TRACEPARENT))
    # Never zero, which stands for no span.
    span_id = f"{random_bits(63) + 1:016x}"
    if given is not None:
        return Cause(request_id, Trace(given.trace_id, span_id, given.flags))
    xray = XRAY_ROOT.search(headers.get(XRAY, ""))
    trace_id = "".join(xray.groups()) if xray else f"{random_bits(127) + 1:032x}"
    return Cause(request_id, Trace(trace_id, span_id))


_cause: ContextVar[Cause] = ContextVar("cause", default=Cause())  # noqa: B039 - it is frozen


def cause() -> Cause:
    """What this is done for."""
    return _cause.get()


@contextmanager
def caused_by(what: Cause) -> Iterator[Cause]:
    """Do what is inside for this request."""
    token = _cause.set(what)
    try:
        yield what
    finally:
        _cause.reset(token)


@contextmanager
def tracing(traceparent: str | None) -> Iterator[None]:
    """Do what is inside for the request that a record or a message names, if it names one."""
    with caused_by(Cause(trace=Trace.parsed(traceparent))):
        yield
