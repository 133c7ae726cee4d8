"""What an attempt meets, or raises itself, while it works on a record."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from windrow.errors.base import WindrowError


class TooManyItems(WindrowError):
    """A plan has more items than a map takes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"A map takes at most {limit:,} items, and this plan has more.")


class InvalidItems(WindrowError):
    """An object that a plan names cannot be a map's items: one JSON value a line."""

    def __init__(self, key: str, reason: str) -> None:
        self.key = key
        super().__init__(f"The object {key!r} cannot be a map's items: {reason}.")


class OutOfTime(WindrowError):
    """A plan was not through with its items when its invocation's time was up."""

    retryable: ClassVar[bool] = True

    def __init__(self, items: int) -> None:
        self.items = items
        super().__init__(
            f"The plan had named {items:,} items when its invocation's time was up;"
            " plan in a pool with more time, or hand over JsonLines."
        )


class ObjectChanged(WindrowError):
    """An object was to stay as it is, and is another one now, or gone."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"The object {key!r} was changed or removed while it was being used.")


class Misused(WindrowError):
    """A task asked its context for what there is not: its author has to change it."""


class WriteRefused(WindrowError):
    """A step's writes were refused together, because of the one at `index`.

    `code` says why, in DynamoDB's words: ConditionalCheckFailed when the write's own condition did
    not hold. `item` is what stood in its way, in DynamoDB's typed form, if the write asked for it
    with ReturnValuesOnConditionCheckFailure. The step is not done: it can be tried with others.
    """

    def __init__(self, step: str, index: int, code: str, item: Mapping[str, Any] | None) -> None:
        self.step = step
        self.index = index
        self.code = code
        self.item = item
        super().__init__(f"Step {step!r}: write {index} was refused: {code}.")


class IllegalMove(WindrowError):
    """A record was asked to go from one state to a state it cannot reach."""

    def __init__(self, before: str, after: str) -> None:
        self.before = before
        self.after = after
        super().__init__(f"A task that is {before} cannot become {after}.")


class Retry(WindrowError):
    """Raised by a task that wants to be tried again: `raise Retry(after=timedelta(minutes=5))`.

    `after` is a timedelta, seconds, or an instant; without it the task's policy says when. It is an
    attempt that failed and counts as one: when the policy's attempts are used up, or the instant
    lies behind the task's deadline, the task fails with this error as its reason.
    """

    retryable: ClassVar[bool] = True

    def __init__(self, reason: str = "", *, after: timedelta | float | datetime | None = None):
        if isinstance(after, datetime) and after.tzinfo is None:
            raise ValueError(f"Retry(after=...) needs an instant with a time zone, not {after!r}.")
        self.reason = reason
        self.retry_after = after
        super().__init__(reason)

    def __str__(self) -> str:
        if self.reason or self.__cause__ is None:
            return self.reason or "The task asked to be tried again."
        return f"{type(self.__cause__).__name__}: {self.__cause__}"


class Fenced(WindrowError):
    """Another attempt owns the record now, or it has ended: whatever this attempt does is void."""

    def __init__(self, ref: str, attempt: int) -> None:
        self.ref = ref
        self.attempt = attempt
        super().__init__(f"Attempt {attempt} of {ref} no longer owns it.")


class CancelRequested(Fenced):
    """The record may neither wait for another attempt nor be claimed: it is to be cancelled."""
