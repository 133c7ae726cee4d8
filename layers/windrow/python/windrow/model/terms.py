"""The terms of one submission: when it may start, and what it overrides of the declaration."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from windrow.errors import InvalidOption
from windrow.model.ref import NAME

# A year, whichever: the farthest start that a caller may ask for.
FARTHEST = timedelta(days=366)
# Beyond any use, and far from what a datetime cannot hold.
LONGEST = timedelta(days=3660)
MOST_RETRIES = 10
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a caller may say of one submission; None leaves a term to the task's declaration.

    delay, at     how long to wait before it may start, or until when; one of them, within a year.
                  An instant that has passed means now, for clocks differ
    start_within  how long it may wait after that for a worker; then it fails as NotStarted
    deadline      how long after that it fails if it has not ended
    priority      1 to 10, 10 first
    unique        the key that no other live task may have
    webhook       the id of an endpoint that is told of its end, whatever else that is told of
    max_retries   how many attempts may follow the first, 0 to 10, whatever its policy says of that;
                  the policy still says when, and which errors are given up at once

    Raises InvalidOption, which names the term.
    """

    delay: timedelta | None = None
    at: datetime | None = None
    start_within: timedelta | None = None
    deadline: timedelta | None = None
    priority: int | None = None
    unique: str | None = None
    webhook: str | None = None
    max_retries: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            expected = None if value is None else _EXPECTED[field.name](value)
            if expected:
                raise InvalidOption(field.name, expected, value)
        if self.delay is not None and self.at is not None:
            raise InvalidOption("at", "left out when there is a delay", self.at)

    @property
    def given(self) -> dict[str, Any]:
        """What is said, as JSON; the same instant in two time zones is the same."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _plain(value) for name, value in said.items() if value is not None}

    def not_before(self, now: datetime) -> datetime:
        """When it may start, to the millisecond that follows. Raises InvalidOption."""
        if self.delay is not None:
            return _whole(now + self.delay)
        if self.at is None:
            return now
        if self.at > now + FARTHEST:
            raise InvalidOption("at", f"within {FARTHEST.days} days", self.at)
        return max(now, _whole(self.at))


def _plain(value: Any) -> Any:
    match value:
        case timedelta():
            return value.total_seconds()
        case datetime():
            return value.astimezone(UTC).isoformat()
        case _:
            return value


def _whole(instant: datetime) -> datetime:
    """The table keeps milliseconds: rounded up, so that nothing starts early."""
    left = timedelta(microseconds=instant.microsecond % 1000)
    return instant - left + MILLISECOND if left else instant


def _delay(value: Any) -> str | None:
    if not isinstance(value, timedelta):
        return f"a timedelta between 0 and {FARTHEST.days} days"
    is_met = timedelta() <= value <= FARTHEST
    return None if is_met else f"between 0 and {FARTHEST.days} days"


def _instant(value: Any) -> str | None:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return None
    return "a datetime with a time zone"


def _span(value: Any) -> str | None:
    if not isinstance(value, timedelta):
        return f"a positive timedelta of at most {LONGEST.days} days"
    is_met = timedelta() < value <= LONGEST
    return None if is_met else f"positive, and at most {LONGEST.days} days"


def _priority(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10:
        return None
    return "a whole number from 1 to 10"


def _retries(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_RETRIES:
        return None
    return f"a whole number from 0 to {MOST_RETRIES}"


def named(value: Any) -> str | None:
    """What a key is expected to be, if this is none: it is kept as UTF-8."""
    if isinstance(value, str) and 1 <= len(value) <= 255 and value.isprintable():
        return None
    return "1 to 255 printable characters"


def _endpoint(value: Any) -> str | None:
    if isinstance(value, str) and NAME.fullmatch(value):
        return None
    return "the id of a registered endpoint"


_EXPECTED = {
    "delay": _delay,
    "at": _instant,
    "start_within": _span,
    "deadline": _span,
    "priority": _priority,
    "unique": named,
    "webhook": _endpoint,
    "max_retries": _retries,
}
