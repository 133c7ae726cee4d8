"""Problems: what is wrong, as RFC 9457 has it (https://www.rfc-editor.org/rfc/rfc9457).

Pure, for the API and the polling path alike. An error's own sentence is the detail only where it
names nothing that the caller did not send.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from urllib.parse import quote

from windrow import errors
from windrow.model.allowance import POLICY, Allowance

MEDIA_TYPE = "application/problem+json"
# Ours have no page on the web; the name alone tells them apart.
OURS = "urn:problem-type:windrow:"
BLANK = "about:blank"
# https://www.iana.org/assignments/http-problem-types
EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"
RETRY_AFTER = 2

PHRASES = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field, as a path such as "params.name", and what was expected of it."""

    field: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One answer that is no success.

    kind      what ours are told apart by; None where the status says it all
    uri       the type, where another than us has named it
    more      members of the object that this type has beside the standard's
    headers   what goes with it, as Retry-After
    """

    status: int
    detail: str
    kind: str | None = None
    uri: str = BLANK
    title: str | None = None
    wrong: tuple[Wrong, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, path: str) -> dict[str, Any]:
        """The JSON object for a request of this path."""
        shown: dict[str, Any] = {
            "type": OURS + self.kind if self.kind else self.uri,
            "title": self.title or PHRASES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
            # A path may hold anything once it is decoded; a URI may not.
            "instance": quote(path.encode("utf-8", "replace")),
        }
        if self.wrong:
            shown["errors"] = [{"field": one.field, "expected": one.expected} for one in self.wrong]
        return shown | dict(self.more)


def invalid(*wrong: Wrong) -> Problem:
    """The request is well-formed, and some fields of it are not what they must be."""
    fields = ", ".join(one.field for one in wrong)
    return Problem(
        status=422,
        kind="invalid",
        title="A field is not what it must be",
        detail=f"Not as expected: {fields}.",
        wrong=wrong,
    )


def exceeded(allowance: Allowance) -> Problem:
    """429 as the draft of the RateLimit fields has it."""
    rule = allowance.rule
    return Problem(
        status=429,
        uri=EXCEEDED,
        title="The quota is used up",
        detail=f"At most {rule.quota:,} requests in {rule.window} seconds.",
        more={"violated-policies": [POLICY]},
        headers={"Retry-After": str(allowance.retry_after)},
    )


UNAVAILABLE = Problem(
    status=503,
    detail="AWS did not answer in time. Nothing is known to be wrong with the request.",
    headers={"Retry-After": str(RETRY_AFTER)},
)
BROKEN = Problem(status=500, detail="Something is wrong on this side; it is in the logs.")
NO_ROUTE = Problem(status=404, detail="There is nothing at this path.")

# What a term of a submission is called over HTTP.
FIELDS = {
    "delay": "delay_seconds",
    "start_within": "start_within_seconds",
    "deadline": "deadline_seconds",
    "every": "every_seconds",
    "lasting": "duration_seconds",
    "catch_up": "catch_up_seconds",
    "start": "start_at",
    "end": "end_at",
}
# Errors whose own sentence is the detail.
SPOKEN: Mapping[type[errors.WindrowError], tuple[int, str, str]] = {
    errors.ResultExpired: (404, "result-expired", "The result is not kept any more"),
    errors.NoSchedule: (404, "not-found", "There is no such schedule"),
    errors.NotFound: (404, "not-found", "There is no such task"),
    errors.UnknownPool: (404, "unknown-pool", "There is no such pool"),
    errors.NoMap: (404, "no-map", "The task is no map"),
    errors.InvalidCursor: (400, "invalid-cursor", "The cursor is not of this list"),
    errors.UnknownTenant: (403, "unknown-tenant", "The caller is no tenant"),
    errors.NoResult: (409, "no-result", "There is no result"),
    errors.NoEndpoint: (404, "no-endpoint", "There is no such endpoint"),
    errors.TooManySchedules: (409, "too-many-schedules", "There are enough schedules"),
    errors.TooManyEndpoints: (409, "too-many-endpoints", "There are enough endpoints"),
    errors.WebhooksOff: (409, "webhooks-off", "This deployment sends no webhooks"),
    errors.AlreadyOver: (409, "already-over", "The task has ended"),
    errors.ScheduleExists: (409, "schedule-exists", "There is another schedule of this id"),
    errors.DeclaredInCode: (409, "declared-in-code", "The schedule is declared in code"),
    errors.NothingToRetry: (409, "nothing-to-retry", "There is nothing to do again"),
    errors.UniqueKeyHeld: (409, "unique-key-held", "Another task holds the unique key"),
    errors.NotQueued: (409, "not-queued", "The task does not wait any more"),
    errors.NotTried: (503, "not-tried", "There was no time left"),
    errors.TooLarge: (413, "too-large", "More than is kept"),
    errors.KeyReused: (422, "key-reused", "The key came with another request before"),
}


def problem_of(error: BaseException) -> Problem:
    """What a caller is told of an error; what is unexpected is UNAVAILABLE or BROKEN."""
    match error:
        case errors.InvalidParams():
            said = error.details.items()
            return invalid(*(Wrong(_below_params(name), expected) for name, expected in said))
        case errors.InvalidOption():
            name = FIELDS.get(error.option, error.option)
            return invalid(Wrong(name, error.expected))
        case errors.UnknownTask():
            return invalid(Wrong("task", error.expected))
        case errors.Refused():
            each = sorted(error.errors.items())
            places = ((f"tasks.{at}" if at < error.count else "callback", one) for at, one in each)
            return invalid(*(wrong for place, one in places for wrong in _of_one(place, one)))
        case errors.Draining():
            return Problem(
                status=503,
                kind="draining",
                title="The pool accepts nothing for now",
                detail=str(error),
                headers={"Retry-After": str(ceil(error.retry_after.total_seconds()))},
            )
        case errors.WindrowError():
            for kind, (status, name, title) in SPOKEN.items():
                if isinstance(error, kind):
                    later = {"Retry-After": str(RETRY_AFTER)} if status == 503 else {}
                    return Problem(
                        status=status, kind=name, title=title, detail=str(error), headers=later
                    )
            return UNAVAILABLE if error.retryable else BROKEN
        case _:
            return BROKEN


def _of_one(place: str, error: BaseException) -> list[Wrong]:
    """What is wrong with one of several tasks that were submitted together."""
    problem = problem_of(error)
    if not problem.wrong:
        return [Wrong(place, problem.detail)]
    return [Wrong(f"{place}.{wrong.field}", wrong.expected) for wrong in problem.wrong]


def _below_params(name: str) -> str:
    return name if name == "params" else f"params.{name}"
