"""A schedule as it is asked for: what starts when, and what happens when one run meets the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from windrow.errors import InvalidOption
from windrow.model.ref import NAME
from windrow.model.timing import MINUTE, Timing

LONGEST_CATCH_UP = timedelta(days=1)
TIMING = tuple(field.name for field in fields(Timing))


class Overlap(StrEnum):
    """What becomes of a planned run while the one before it has not ended.

    skip     it is left out, and listed as skipped
    queue    it starts when the former has ended, in order
    replace  the former is cancelled, and it starts when that is over
    allow    it starts all the same
    """

    SKIP = "skip"
    QUEUE = "queue"
    REPLACE = "replace"
    ALLOW = "allow"


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a task is to start, as `@task(schedule=...)` or a caller says it.

    Exactly one of `cron`, `every` and `at`; these, `timezone`, `start`, `end` and `lasting` are
    those of Timing. `params` are the task's, `priority` is that of its runs. A run that is late by
    more than `catch_up` is not started any more, but for the last one that was planned within a
    day. `id` names the schedule; a task's only one is called as the task.

    Raises InvalidOption, which names the option.
    """

    cron: str | None = None
    every: timedelta | None = None
    at: datetime | None = None
    timezone: str = "UTC"
    start: datetime | None = None
    end: datetime | None = None
    lasting: timedelta | None = None
    overlap: Overlap | str = Overlap.SKIP
    catch_up: timedelta = timedelta(hours=1)
    params: Mapping[str, Any] = field(default_factory=dict)
    priority: int | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        _ = self.timing
        for name, expected in _EXPECTED.items():
            value = getattr(self, name)
            if not expected[1](value):
                raise InvalidOption(name, expected[0], value)

    @cached_property
    def timing(self) -> Timing:
        """When it is planned."""
        return Timing(**{name: getattr(self, name) for name in TIMING})

    def called(self, schedule_id: str) -> "Schedule":
        """The same under this id."""
        return replace(self, id=schedule_id)


# All that a schedule says but for its name.
SAID = tuple(field.name for field in fields(Schedule) if field.name != "id")


def is_id(value: object) -> bool:
    """May a schedule be called so? Dots are those of a task's name."""
    return isinstance(value, str) and bool(NAME.fullmatch(value.replace(".", "-")))


def _is_overlap(value: object) -> bool:
    return isinstance(value, str) and value in list(Overlap)


def _is_catch_up(value: object) -> bool:
    return isinstance(value, timedelta) and MINUTE <= value <= LONGEST_CATCH_UP


def _is_priority(value: object) -> bool:
    return value is None or (type(value) is int and 1 <= value <= 10)


_EXPECTED = {
    "overlap": ("skip, queue, replace or allow", _is_overlap),
    "catch_up": ("a timedelta from a minute to a day", _is_catch_up),
    "params": ("the task's params by name", lambda value: isinstance(value, Mapping)),
    "priority": ("a whole number from 1 to 10", _is_priority),
    "id": (
        "1 to 64 letters, digits, dots, hyphens and underscores",
        lambda value: value is None or is_id(value),
    ),
}
