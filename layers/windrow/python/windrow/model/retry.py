"""When a failed attempt is tried again: exponential backoff with full jitter."""

from dataclasses import dataclass
from datetime import timedelta

from windrow.errors import DefinitionError, is_retryable


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """The retry policy of a task.

    attempts   how many attempts may fail, the last one included
    base       the longest wait after the first failure
    factor     by how much the longest wait grows from failure to failure
    cap        the longest wait of all

    The wait is drawn evenly from nothing to the longest ("full jitter"), so that many failures at
    once do not come back at once: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    attempts: int = 3
    base: timedelta = timedelta(seconds=2)
    factor: float = 2
    cap: timedelta = timedelta(minutes=15)

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise DefinitionError(f"RetryPolicy needs attempts >= 1, not {self.attempts}.")
        if self.base < timedelta() or self.cap < self.base or self.factor < 1:
            raise DefinitionError("RetryPolicy needs 0 <= base <= cap and factor >= 1.")

    def delay(self, error: BaseException, failures: int, jitter: float) -> timedelta | None:
        """How long to wait after the `failures`-th failure; None means give up.

        `jitter` is drawn from 0 <= jitter < 1 by the caller.
        """
        if failures >= self.attempts or not is_retryable(error):
            return None
        longest = min(self.cap.total_seconds(), self._longest(failures))
        return timedelta(seconds=longest * jitter)

    def _longest(self, failures: int) -> float:
        try:
            return float(self.base.total_seconds() * self.factor ** (failures - 1))
        except OverflowError:
            return self.cap.total_seconds()
