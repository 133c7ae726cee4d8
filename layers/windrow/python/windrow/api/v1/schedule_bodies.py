"""The bodies of schedules: what is asked of one, and what is shown."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, JsonValue

from windrow.api.v1.schema import Body, Instant, Shown, whole_seconds
from windrow.errors import InvalidOption
from windrow.model.schedule import LONGEST_CATCH_UP
from windrow.model.shown import present
from windrow.model.timing import LONGEST

EXAMPLE: JsonValue = {
    "id": "countries.nightly",
    "task": "countries.refresh",
    "cron": "30 2 * * *",
    "timezone": "Europe/Berlin",
    "overlap": "skip",
}
CHANGE_EXAMPLE: JsonValue = {"cron": "0 3 * * *", "overlap": "queue"}

WHEN = ("cron", "every_seconds", "at")
MOST_SECONDS = int(LONGEST.total_seconds())
DAY = int(LONGEST_CATCH_UP.total_seconds())
Rate = Annotated[int, whole_seconds(1, MOST_SECONDS), Field(ge=1, le=MOST_SECONDS)]
CatchUp = Annotated[int, whole_seconds(60, DAY), Field(ge=60, le=DAY)]
Overlap = Literal["skip", "queue", "replace", "allow"]


class Timed(Body):
    """When a task starts; exactly one of `cron`, `every_seconds` and `at`."""

    cron: str | None = Field(
        default=None,
        description="Minute, hour, day of the month, month, day of the week, as in a crontab",
        max_length=200,
    )
    timezone: str | None = Field(
        default=None,
        description="By which clocks a cron is meant: an IANA name; UTC if left out",
        max_length=64,
    )
    every_seconds: Rate | None = Field(default=None, description="A rate, counted from the start")
    at: Instant | None = Field(default=None, description="Once")
    start_at: Instant | None = Field(
        default=None, description="Nothing is planned before; for a rate, the first time"
    )
    end_at: Instant | None = Field(default=None, description="Nothing is planned from then on")
    duration_seconds: Rate | None = Field(
        default=None, description="In place of an end: how long after the start"
    )
    overlap: Overlap | None = Field(
        default=None,
        description="What becomes of a run while the one before it has not ended; skip if left out",
    )
    catch_up_seconds: CatchUp | None = Field(
        default=None, description="How late a run may be started; an hour if left out"
    )
    priority: int | None = Field(default=None, description="That of its runs", ge=1, le=10)
    params: dict[str, Any] | None = Field(default=None, description="The params of its runs")

    def said(self) -> dict[str, Any]:
        """What is given, by the names that the engine has for it. Raises InvalidOption."""
        self.check_when(least=0)
        given = {
            "cron": self.cron,
            "timezone": self.timezone,
            "every": _span(self.every_seconds),
            "at": self.at,
            "start": self.start_at,
            "end": self.end_at,
            "lasting": _span(self.duration_seconds),
            "overlap": self.overlap,
            "catch_up": _span(self.catch_up_seconds),
            "priority": self.priority,
            "params": self.params,
        }
        return present(**given)

    def check_when(self, *, least: int) -> None:
        """Raise InvalidOption for more than one time to start at, or for fewer than `least`."""
        named = [name for name in WHEN if getattr(self, name) is not None]
        if not least <= len(named) <= 1:
            expected = f"given alone: exactly one of {', '.join(WHEN[:-1])} and {WHEN[-1]}"
            raise InvalidOption(named[-1] if named else WHEN[0], f"{expected} says when", named)


class NewSchedule(Timed):
    """What starts when."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str | None = Field(
        default=None,
        description="What it is called: letters, digits, dots, hyphens and underscores; one is"
        " made if left out",
        min_length=1,
        max_length=64,
    )
    task: str = Field(description="The task that it starts", min_length=1, max_length=255)


class ScheduleChange(Timed):
    """What is to be otherwise; what is left out stays. An end or a priority of null goes."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHANGE_EXAMPLE]})

    def changes(self) -> dict[str, Any]:
        """What is to be otherwise, by the names that the engine has for it."""
        gone = {"end_at": "end", "start_at": "start", "priority": "priority"}
        removed = {
            name: None
            for field, name in gone.items()
            if field in self.model_fields_set and getattr(self, field) is None
        }
        return {**self.said(), **removed}


class Run(Shown):
    """What became of a planned time."""

    planned_at: datetime
    outcome: Literal["started", "skipped", "refused"]
    task_id: str | None = None
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"] | None = Field(
        default=None, description="How its task stands, as long as that is kept"
    )
    reason: str | None = Field(default=None, description="Why none was started")


class ScheduleShown(Shown):
    """A schedule as it stands."""

    id: str = Field(examples=["countries.nightly"])
    task: str
    params: dict[str, Any]
    state: Literal["active", "paused", "ended"]
    cron: str | None = None
    timezone: str | None = None
    every_seconds: int | None = None
    at: datetime | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    overlap: Overlap
    catch_up_seconds: int
    priority: int | None = None
    created_at: datetime
    changed_at: datetime
    is_declared: bool | None = Field(
        default=None, description="In code, with its task: it can be paused, and changed there"
    )
    is_unsynced: bool | None = Field(
        default=None, description="AWS could not be told of it yet, and will be within minutes"
    )
    started: int = Field(description="How many tasks it has started")
    skipped: int = Field(description="Planned times that found another run, or were refused")
    missed: int = Field(description="Planned times that were late beyond what is caught up with")
    waiting: int | None = Field(default=None, description="Runs that wait for the one before them")
    next_runs: list[datetime] = Field(description="The next five planned times")


class WholeSchedule(ScheduleShown):
    """A schedule with what became of its last planned times."""

    last_runs: list[Run]


class Schedules(Shown):
    """A page of schedules, by id."""

    schedules: list[ScheduleShown]
    cursor: str | None = Field(default=None, description="Leads to the next page")


class Runs(Shown):
    """A page of what became of planned times, the newest first."""

    runs: list[Run]
    cursor: str | None = Field(default=None, description="Leads to the next page")


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
