"""Cron of five fields: read, checked, and said in the six fields of EventBridge Scheduler."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from windrow.errors import InvalidOption

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# EventBridge Scheduler takes an expression of at most 256 characters (API_CreateSchedule).
LONGEST = 256
# From one 29th of February to the next one there may be eight years.
FARTHEST = timedelta(days=366 * 9)
DAY = timedelta(days=1)
PART = re.compile(r"(\*|[A-Za-z0-9]+)(?:-([A-Za-z0-9]+))?(?:/([0-9]+))?")


@dataclass(frozen=True, slots=True)
class Field:
    """One of the five: its name, its first and last value, and the words that may stand for them.

    `example` is what an author may have meant, for the sentence that refuses what was written.
    """

    name: str
    first: int
    last: int
    example: str
    words: tuple[str, ...] = ()

    def parse(self, text: str) -> frozenset[int]:
        """The values that a field stands for. Raises InvalidOption, which names the field."""
        values: set[int] = set()
        for part in text.split(","):
            found = PART.fullmatch(part)
            if found is None:
                raise self._refused(text)
            values.update(self._values(text, *found.groups()))
        return frozenset(values)

    def said(self, values: frozenset[int]) -> str:
        """These values in the shortest way that EventBridge understands."""
        if len(values) == self.last - self.first + 1:
            return "*"
        ordered = sorted(values)
        step = ordered[1] - ordered[0] if len(ordered) > 2 else 0
        if step > 1 and ordered == list(range(ordered[0], self.last + 1, step)):
            return f"{ordered[0]}/{step}"
        return ",".join(_ranges(ordered))

    def _values(self, text: str, low: str, high: str | None, step: str | None) -> range:
        if low == "*":
            if high is not None:
                raise self._refused(text)
            first, last = self.first, self.last
        else:
            first = self._value(text, low)
            # Without its end a range with a step goes on to the last value, as everywhere.
            last = self.last if step and not high else self._value(text, high or low)
        # "SAT-SUN" goes on past the end of a week that begins on Sunday; "6-7" does not.
        if first > last or (step is not None and int(step) == 0):
            raise self._refused(text)
        return range(first, last + 1, int(step or 1))

    def _value(self, text: str, word: str) -> int:
        if word.upper() in self.words:
            return self.words.index(word.upper()) + self.first
        if not word.isdecimal() or not self.first <= int(word) <= self.last:
            raise self._refused(text)
        return int(word)

    def _refused(self, text: str) -> InvalidOption:
        words = f" or {self.words[0]}-{self.words[-1]}" if self.words else ""
        return InvalidOption(
            "cron",
            f"five fields whose {self.name} is *, or numbers {self.first}-{self.last}{words},"
            f" with ranges and steps, such as {self.example}",
            text,
        )


# A week's Sunday is 0, and 7 as well: that one is folded after it was read.
MINUTE = Field("minute", 0, 59, "*/15")
HOUR = Field("hour", 0, 23, "8-18")
DAY_OF_MONTH = Field("day of the month", 1, 31, "1,15")
MONTH = Field("month", 1, 12, "JAN-JUN", MONTHS)
DAY_OF_WEEK = Field("day of the week", 0, 7, "MON-FRI", DAYS)
WEEK = Field("day of the week", 1, 7, "MON-FRI")
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Cron:
    """Minutes, hours, days of the month, months and days of the week (Sunday is 0).

    Each local time comes once: one that a change to summer time leaves out is left out, and of one
    that comes twice the first is meant, as EventBridge Scheduler has it.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> "Cron":
        """Five fields as in a crontab. Raises InvalidOption, which names the field."""
        fields = text.split() if isinstance(text, str) else []
        if len(fields) != 5:
            raise InvalidOption(
                "cron", "five fields: minute, hour, day of the month, month, day of the week", text
            )
        minutes, hours, days, months, weekdays = (
            field.parse(each)
            for field, each in zip(
                (MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK), fields, strict=True
            )
        )
        cron = cls(minutes, hours, days, months, frozenset(day % 7 for day in weekdays))
        if not cron._has_every_day and cron.weekdays != EVERY_DAY:
            # crontab runs on either then, and EventBridge takes one of them only.
            raise InvalidOption(
                "cron",
                "with * as its day of the month or its day of the week; make two schedules",
                text,
            )
        if not cron._comes:
            raise InvalidOption("cron", "a date that there is", text)
        if len(cron.expression) > LONGEST:
            raise InvalidOption("cron", "simpler, or two schedules", text)
        return cron

    @property
    def expression(self) -> str:
        """What EventBridge Scheduler calls it: six fields, Sunday is 1, and one of the days `?`."""
        if self.weekdays == EVERY_DAY:
            days, weekdays = DAY_OF_MONTH.said(self.days), "?"
        else:
            days, weekdays = "?", WEEK.said(frozenset(day + 1 for day in self.weekdays))
        minutes, hours = MINUTE.said(self.minutes), HOUR.said(self.hours)
        return f"cron({minutes} {hours} {days} {MONTH.said(self.months)} {weekdays} *)"

    def after(self, instant: datetime, zone: tzinfo) -> Iterator[datetime]:
        """Every time that comes after an instant, in order, in UTC; it may never end."""
        day = instant.astimezone(zone).date()
        limit = day + FARTHEST
        while day < limit:
            if self._is_on(day):
                limit = day + FARTHEST
                yield from (each for each in self._on(day, zone) if each > instant)
            day += DAY

    def _on(self, day: date, zone: tzinfo) -> Iterator[datetime]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                local = datetime.combine(day, time(hour, minute), zone)
                planned = local.astimezone(UTC)
                if planned.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                    yield planned

    def _is_on(self, day: date) -> bool:
        is_day = day.day in self.days and day.month in self.months
        return is_day and day.isoweekday() % 7 in self.weekdays

    @property
    def _has_every_day(self) -> bool:
        return len(self.days) == DAY_OF_MONTH.last

    @property
    def _comes(self) -> bool:
        longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
        return any(min(self.days) <= longest.get(month, 31) for month in self.months)


def _ranges(ordered: list[int]) -> Iterator[str]:
    start = previous = ordered[0]
    for value in [*ordered[1:], -1]:
        if value != previous + 1:
            yield str(start) if start == previous else f"{start}-{previous}"
            start = value
        previous = value
