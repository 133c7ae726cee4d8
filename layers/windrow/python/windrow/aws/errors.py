"""How a call to AWS can fail, told apart by what a caller can do about it.

ServiceError
├── ConditionFailed         a conditional write lost; carries the item that stood in the way
├── TransactionCanceled     a transaction was refused; carries a reason for each of its parts
└── Unavailable             throttled, timed out or unreachable: another try helps
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from windrow.errors import WindrowError

type Item = Mapping[str, Any]


class ServiceError(WindrowError):
    """AWS refused a call for a reason that another try will not change."""

    is_expected: ClassVar[bool] = False

    def __init__(self, service: str, operation: str, code: str, message: str) -> None:
        self.service = service
        self.operation = operation
        self.code = code
        super().__init__(f"{service} {operation} failed: {code}: {message}")


class Unavailable(ServiceError):
    """AWS could not answer: throttled, timed out, unreachable, or at fault itself."""

    retryable: ClassVar[bool] = True


class ConditionFailed(ServiceError):
    """The condition of a write did not hold.

    `item` is the item as it stands, when the call asked for ALL_OLD and there is one. It may be the
    caller's own write: when an answer is lost, the SDK's second try meets what the first one wrote.
    """

    def __init__(self, service: str, operation: str, message: str, item: Item | None) -> None:
        self.item = item
        super().__init__(service, operation, "ConditionalCheckFailedException", message)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one part of a transaction stood in its way; code "None" for a part that did not."""

    code: str
    item: Item | None
    message: str = ""


class TransactionCanceled(ServiceError):
    """A transaction was refused; `reasons` follow the order of its parts."""

    def __init__(
        self, service: str, operation: str, message: str, reasons: tuple[Reason, ...]
    ) -> None:
        self.reasons = reasons
        super().__init__(service, operation, "TransactionCanceledException", message)

    @property
    def is_conflict(self) -> bool:
        """Did it only meet another writer? botocore does not retry this, so the caller must."""
        codes = {reason.code for reason in self.reasons} - {"None"}
        return bool(codes) and codes <= CONFLICTS


CONFLICTS = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
