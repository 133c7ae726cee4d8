"""Waiting for what a running stack does by itself: look again and again, and give up in time.

The one place of this room that sleeps.
"""

import time
from collections.abc import Callable
from datetime import timedelta

HALF_A_MINUTE = timedelta(seconds=30)
EVERY = timedelta(milliseconds=50)


def eventually[T](
    look: Callable[[], T],
    is_so: Callable[[T], bool] = bool,
    *,
    within: timedelta = HALF_A_MINUTE,
    every: timedelta = EVERY,
) -> T:
    """The first of `look`'s answers that `is_so`; it fails with the last one if none is in time."""
    deadline = time.monotonic() + within.total_seconds()
    while True:
        seen = look()
        if is_so(seen):
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {within.total_seconds():g} s; last seen: {seen!r}")
        time.sleep(every.total_seconds())
