"""Writes that happen all or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from windrow.aws.errors import CONFLICTS, Reason, ServiceError, TransactionCanceled, Unavailable
from windrow.aws.port import AWS
from windrow.clock import Clock
from windrow.model.ref import Ref

# What a part says whose own condition did not hold.
FAILED = "ConditionalCheckFailed"
TRIES = 6
LONGEST_FIRST = timedelta(milliseconds=40)
LONGEST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Transactions:
    """TransactWriteItems, tried again by us when it meets another writer: botocore does not."""

    aws: AWS
    clock: Clock
    random: Random

    def write(self, parts: Sequence[dict[str, Any]]) -> tuple[Reason, ...]:
        """Do all parts, or none. Empty when done, else each part's reason for refusing.

        The token makes a repeated call harmless for ten minutes (API_TransactWriteItems).
        Raises Unavailable when it still meets other writers after six tries, TransactionCanceled
        when it is refused without a reason.
        """
        request = {
            "TransactItems": list(parts),
            "ClientRequestToken": f"{self.random.getrandbits(128):032x}",
        }
        for tried in range(1, TRIES + 1):
            try:
                self.aws.call("dynamodb", "TransactWriteItems", request)
            except TransactionCanceled as error:
                if not error.reasons:
                    raise
                if not error.is_conflict:
                    return error.reasons
                if tried == TRIES:
                    raise Unavailable(
                        "dynamodb", "TransactWriteItems", "TransactionConflict", str(error)
                    ) from error
                self.clock.sleep(self._pause(tried))
            else:
                return ()
        raise AssertionError("the last try returns or raises")

    def _pause(self, tried: int) -> timedelta:
        longest = min(LONGEST, LONGEST_FIRST * float(2 ** (tried - 1)))
        return longest * self.random.random()


def refused(ref: Ref, reasons: Sequence[Reason]) -> ServiceError:
    """What a transaction about a record was refused for, where that is no condition of its own."""
    reason = next(each for each in reasons if each.code not in ("None", FAILED))
    told = f"{ref}: {reason.message}" if reason.message else str(ref)
    # Beside a condition that does not hold nobody has tried the conflict again.
    kind = Unavailable if reason.code in CONFLICTS else ServiceError
    return kind("dynamodb", "TransactWriteItems", reason.code, told)
