"""When a failed attempt is tried again: exponential backoff with full jitter, per kind of error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Final

from windrow.errors import DefinitionError, is_retryable


class Decision(Enum):
    """What an error hook may answer besides a wait."""

    GIVE_UP = "give up"


GIVE_UP: Final = Decision.GIVE_UP

# Given the error and how many attempts have failed, this one included: how long to wait, or None to
# give up.
type RetryFunction = Callable[[BaseException, int], timedelta | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """The retry policy of a task.

    attempts   how many attempts may fail, the last one included, whatever each of them failed with
    base       the longest wait after the first failure
    factor     by how much the longest wait grows from failure to failure
    cap        the longest wait of all
    on         other policies for some classes of errors, None to give them up at once; of several
               classes that an error has, the most specific one counts

    The wait is drawn evenly from nothing to the longest ("full jitter"), so that many failures at
    once do not come back at once: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    An error whose `retryable` is False is given up, unless `on` names its class.
    """

    attempts: int = 3
    base: timedelta = timedelta(seconds=2)
    factor: float = 2
    cap: timedelta = timedelta(minutes=15)
    on: Mapping[type[BaseException], "RetryPolicy | None"] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise DefinitionError(f"RetryPolicy needs attempts >= 1, not {self.attempts}.")
        if self.base < timedelta() or self.cap < self.base or self.factor < 1:
            raise DefinitionError("RetryPolicy needs 0 <= base <= cap and factor >= 1.")
        for kind, policy in self.on.items():
            if not (isinstance(kind, type) and issubclass(kind, BaseException)):
                raise DefinitionError(f"RetryPolicy's `on` maps classes of errors, not {kind!r}.")
            if policy is not None and not isinstance(policy, RetryPolicy):
                raise DefinitionError(
                    f"RetryPolicy's `on` maps {kind.__name__} to {policy!r};"
                    " it must be a RetryPolicy, or None to give up."
                )

    def delay(
        self, error: BaseException, failures: int, jitter: float, *, attempts: int | None = None
    ) -> timedelta | None:
        """How long to wait after the `failures`-th failure; None means give up.

        `jitter` is drawn from 0 <= jitter < 1 by the caller; `attempts` stands instead of those of
        the policy that counts for this error.
        """
        for kind in type(error).__mro__:
            if kind in self.on:
                policy = self.on[kind]
                return policy._waited(failures, jitter, attempts) if policy else None
        return self._waited(failures, jitter, attempts) if is_retryable(error) else None

    def _waited(self, failures: int, jitter: float, attempts: int | None) -> timedelta | None:
        if failures >= (attempts or self.attempts):
            return None
        longest = min(self.cap.total_seconds(), self._longest(failures))
        return timedelta(seconds=longest * jitter)

    def _longest(self, failures: int) -> float:
        try:
            return float(self.base.total_seconds() * self.factor ** (failures - 1))
        except OverflowError:
            return self.cap.total_seconds()
