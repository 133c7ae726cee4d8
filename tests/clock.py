"""A clock whose time the test moves."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


class FakeClock:
    """Starts at 10:30:00 on 2026-01-15; sleeping moves it on at once."""

    def __init__(self, now: datetime = EPOCH) -> None:
        self._now = now

    def now(self) -> datetime:
        # In whole milliseconds, as clocks promise: sleeps have random parts of one.
        return self._now.replace(microsecond=self._now.microsecond // 1000 * 1000)

    def sleep(self, duration: timedelta) -> None:
        self.advance(duration)

    def advance(self, duration: timedelta) -> None:
        self._now += duration
