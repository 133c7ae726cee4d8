"""When a schedule starts tasks: by a cron in a time zone, at a rate, or once."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice
from typing import Any

from windrow.errors import InvalidOption
from windrow.model.cron import Cron

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
# Beyond any use, and far from what a datetime cannot hold.
LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When tasks are planned: exactly one of `cron`, `every` and `at`.

    cron      five fields as in a crontab, by the clocks of `timezone`
    every     a rate in whole seconds, counted from `start`
    at        once
    timezone  an IANA name, for cron: a local time that does not exist is left out, and one that
              comes twice is planned once, the first time
    start     nothing is planned before; for a rate, the first time itself
    end       nothing is planned from then on
    lasting   in place of `end`: how long after `start`, or after the schedule was made

    Raises InvalidOption, which names the option.
    """

    cron: str | None = None
    every: timedelta | None = None
    at: datetime | None = None
    timezone: str = "UTC"
    start: datetime | None = None
    end: datetime | None = None
    lasting: timedelta | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            expected = None if value is None else _EXPECTED[field.name](value)
            if expected:
                raise InvalidOption(field.name, expected, value)
        given = [name for name in ("cron", "every", "at") if getattr(self, name) is not None]
        if len(given) != 1:
            raise InvalidOption(
                given[-1] if given else "cron",
                "given alone: exactly one of cron, every and at says when",
                given,
            )
        if self.cron is not None:
            _cron(self.cron)
        elif self.timezone != "UTC":
            raise InvalidOption("timezone", "left out without a cron", self.timezone)
        self._check_limits()

    def anchored(self, now: datetime) -> "Timing":
        """The same with its start and its end as instants, for a schedule that is made now.

        A rate without a start starts at the next whole second.
        """
        start = self.start
        if start is None and self.every is not None:
            start = now.replace(microsecond=0) + (SECOND if now.microsecond else timedelta())
        end = self.end if self.lasting is None else (start or now) + self.lasting
        return replace(self, start=start, end=end, lasting=None)

    def after(self, instant: datetime) -> Iterator[datetime]:
        """The planned times after an instant, in order, in UTC, of an anchored timing.

        The start is planned too if the timing falls on it, the end is not.
        """
        for planned in self._after(instant):
            if self.end is not None and planned >= self.end:
                return
            if self.start is None or planned >= self.start:
                yield planned

    def next(self, instant: datetime, count: int) -> tuple[datetime, ...]:
        """The first planned times after an instant; fewer when there are no more."""
        return tuple(islice(self.after(instant), count))

    def last(self, since: datetime, until: datetime) -> datetime | None:
        """The last planned time after `since` and until `until`, if there is one."""
        if self.every is not None and self.start is not None and until >= self.start:
            # However long that is ago: what comes each second is not counted there.
            since = max(since, until - self.every - SECOND)
        planned = None
        for each in self.after(since):
            if each > until:
                break
            planned = each
        return planned

    @property
    def is_fine(self) -> bool:
        """Does it need more than the minutes of EventBridge Scheduler?"""
        return self.cron is None and (self.every is None or bool(self.every % MINUTE))

    @property
    def expression(self) -> str | None:
        """A cron in the words of EventBridge Scheduler."""
        return None if self.cron is None else _cron(self.cron).expression

    def _after(self, instant: datetime) -> Iterator[datetime]:
        if self.at is not None:
            if self.at > instant:
                yield self.at
        elif self.every is not None:
            yield from _at_a_rate(self.every, self.start, instant)
        elif self.cron is not None:
            # The start itself may be planned.
            since = instant if self.start is None else max(instant, self.start - MINUTE)
            yield from _cron(self.cron).after(since, _zone(self.timezone))

    def _check_limits(self) -> None:
        if self.at is not None:
            for name in ("start", "end", "lasting"):
                if getattr(self, name) is not None:
                    raise InvalidOption(name, "left out of what comes once", getattr(self, name))
        if self.lasting is not None and self.end is not None:
            raise InvalidOption("lasting", "left out when there is an end", self.lasting)
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise InvalidOption("end", "after the start", self.end)


def _at_a_rate(every: timedelta, start: datetime | None, instant: datetime) -> Iterator[datetime]:
    if start is None:
        raise AssertionError("an anchored rate has a start")
    count = max(0, (instant - start) // every + 1)
    while True:
        yield (start + count * every).astimezone(UTC)
        count += 1


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    """A time zone by its IANA name. Raises what ZoneInfo raises."""
    # Only where it is needed: it costs a cold start 3 ms.
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


@lru_cache(maxsize=256)
def _cron(text: str) -> Cron:
    return Cron.parse(text)


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) else "five fields in a text"


def _rate(value: Any) -> str | None:
    if not isinstance(value, timedelta):
        return "a timedelta in whole seconds"
    is_met = SECOND <= value <= LONGEST and not value % SECOND
    return None if is_met else f"in whole seconds, from 1 second to {LONGEST.days} days"


def _named_zone(value: Any) -> str | None:
    try:
        _zone(value)
    # Besides an unknown name: one with "..", an empty one, a folder's, and what is no text.
    except (KeyError, ValueError, OSError, TypeError):
        return "the IANA name of a time zone, such as Europe/Berlin"
    return None


def _instant(value: Any) -> str | None:
    is_met = isinstance(value, datetime) and value.tzinfo is not None
    if not is_met:
        return "a datetime with a time zone"
    return None if 1970 <= value.year < 2200 else "within the years 1970 to 2199"


def _span(value: Any) -> str | None:
    if not isinstance(value, timedelta):
        return "a timedelta"
    return None if SECOND <= value <= LONGEST else f"from 1 second to {LONGEST.days} days"


_EXPECTED = {
    "cron": _text,
    "every": _rate,
    "at": _instant,
    "timezone": _named_zone,
    "start": _instant,
    "end": _instant,
    "lasting": _span,
}
