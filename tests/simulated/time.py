"""Simulated time, in whole milliseconds since 1970, and the clocks that show it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

type Sleep = Callable[[int], None]

EPOCH = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
START = int(EPOCH.timestamp() * 1000)
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Time:
    """The one present instant of a simulated world."""

    __slots__ = ("now",)

    def __init__(self, now: int = START) -> None:
        self.now = now

    def advance(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now += milliseconds

    def sleep(self, milliseconds: int) -> None:
        """Sleep as one does who is alone in the world."""
        self.now += milliseconds


class Clock:
    """The clock of one machine: `skew` milliseconds ahead of the truth."""

    __slots__ = ("_shown", "_sleep", "_time", "skew")

    def __init__(self, time: Time, sleep: Sleep | None = None, skew: int = 0) -> None:
        self._time = time
        self._sleep = sleep or time.sleep
        self.skew = skew
        self._shown = (-1, EPOCH)

    def now(self) -> datetime:
        milliseconds = self._time.now + self.skew
        if self._shown[0] != milliseconds:
            self._shown = (milliseconds, instant(milliseconds))
        return self._shown[1]

    def sleep(self, duration: timedelta) -> None:
        self._sleep(-(-duration // timedelta(milliseconds=1)))


def instant(milliseconds: int) -> datetime:
    """The instant that a number of milliseconds stands for."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(
        microsecond=milliseconds % 1000 * 1000
    )
