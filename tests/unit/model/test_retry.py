"""When a failed attempt is tried again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windrow.errors import DefinitionError, WindrowError
from windrow.model.retry import RetryPolicy

SECOND = timedelta(seconds=1)
ERROR = OSError("down")


class Hopeless(WindrowError):
    """Another try does not help."""


def test_the_longest_wait_doubles() -> None:
    retry = RetryPolicy(attempts=5, base=2 * SECOND)

    waits = [retry.delay(ERROR, failures, 0.5) for failures in (1, 2, 3, 4)]

    assert waits == [1 * SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND]


def test_after_the_last_attempt_there_is_no_wait() -> None:
    assert RetryPolicy(attempts=3).delay(ERROR, 3, 0.5) is None


def test_an_error_that_no_try_helps_is_given_up() -> None:
    assert RetryPolicy(attempts=3).delay(Hopeless("no"), 1, 0.5) is None


def test_of_several_classes_the_most_specific_one_decides() -> None:
    retry = RetryPolicy(
        on={
            OSError: None,
            ConnectionError: RetryPolicy(base=10 * SECOND),
            Exception: RetryPolicy(attempts=1),
        }
    )

    assert retry.delay(ConnectionResetError(), 1, 0.5) == 5 * SECOND
    assert retry.delay(FileNotFoundError(), 1, 0.5) is None
    assert retry.delay(KeyError(), 1, 0.5) is None


def test_a_policy_for_a_class_is_followed_though_the_class_calls_itself_hopeless() -> None:
    retry = RetryPolicy(on={Hopeless: RetryPolicy(base=10 * SECOND)})

    assert retry.delay(Hopeless("no"), 1, 0.5) == 5 * SECOND


def test_a_policy_can_be_told_from_another() -> None:
    assert RetryPolicy() == RetryPolicy()
    assert len({RetryPolicy(), RetryPolicy(), RetryPolicy(attempts=9)}) == 2


@given(st.integers(1, 10**6), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_never_longer_than_the_cap(failures: int, jitter: float) -> None:
    retry = RetryPolicy(attempts=10**9, cap=90 * SECOND)

    wait = retry.delay(ERROR, failures, jitter)

    assert wait is not None
    assert timedelta() <= wait <= 90 * SECOND


@pytest.mark.parametrize(
    "options", [{"attempts": 0}, {"factor": 0.5}, {"cap": SECOND, "base": 2 * SECOND}]
)
def test_an_impossible_policy_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(DefinitionError):
        RetryPolicy(**options)  # type: ignore[arg-type]
