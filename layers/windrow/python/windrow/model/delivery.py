"""What a receiver's answer means for a delivery: taken, gone, tried again, or failed for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

# 408, 425 and 429 say "later" themselves; whatever is above 499 is the receiver's own trouble.
LATER = frozenset({408, 425, 429})
# For so long after its end a task may still be told of.
DEADLINE = timedelta(days=3)


class Outcome(StrEnum):
    """How one try to deliver ended."""

    TAKEN = "taken"
    GONE = "gone"
    LATER = "later"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a try.

    status       the receiver's, if it answered
    reason       a sentence about what went wrong
    retry_after  the receiver's header, as it came
    """

    outcome: Outcome
    status: int | None = None
    reason: str | None = None
    retry_after: str | None = None


def reply(answer: Mapping[str, Any]) -> Reply:
    """What an answer of the egress function means."""
    if "refused" in answer:
        return Reply(Outcome.FAILED, reason=f"It was not sent: {answer['refused']}.")
    if "failed" in answer:
        reason = f"No answer came ({answer['failed']}): {answer['message']}."
        return Reply(Outcome.LATER, reason=reason)
    status = int(answer["status"])
    if 200 <= status < 300:
        return Reply(Outcome.TAKEN, status)
    if status == 410:
        return Reply(Outcome.GONE, status, "The receiver answered 410: it wants no more.")
    if 300 <= status < 400:
        reason = f"The receiver answered {status}: redirects are not followed."
        return Reply(Outcome.FAILED, status, reason)
    reason = f"The receiver answered {status}."
    if status in LATER or status >= 500:
        return Reply(Outcome.LATER, status, reason, answer["headers"].get("retry-after"))
    return Reply(Outcome.FAILED, status, reason)
