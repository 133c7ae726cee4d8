"""The time, passed in: nothing in the library asks the system for it elsewhere."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A source of time; tests pass one whose time they move."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC, in whole milliseconds as the table keeps it."""
        ...

    def sleep(self, duration: timedelta) -> None:
        """Let `duration` pass."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def sleep(self, duration: timedelta) -> None:
        time.sleep(duration.total_seconds())
