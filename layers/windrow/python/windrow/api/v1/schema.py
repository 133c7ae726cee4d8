"""The bodies that several nouns of the native API share, as OpenAPI shows them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
SPACE = re.compile(r"(\d) (\d\d:\d\d)$", re.ASCII)
# Beyond any use, and within what a datetime can hold in every time zone.
YEARS = range(1970, 9999)


def _instant(value: Any) -> datetime:
    expected = "an instant such as 2026-01-15T10:30:00Z"
    if not isinstance(value, str) or not RFC3339.fullmatch(value):
        raise ValueError(expected)
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError:
        raise ValueError(expected) from None
    if moment.year not in YEARS:
        raise ValueError(expected)
    return moment.astimezone(UTC)


# An instant in a body: RFC 3339 with its zone, as UTC.
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def _from_a_query(value: Any) -> datetime:
    # "+02:00" is " 02:00" by the time it is read, unless somebody wrote "%2B02:00".
    return _instant(SPACE.sub(r"\1+\2", value) if isinstance(value, str) else value)


# An instant in a query: a space is taken for the plus sign that it was.
QueryInstant = Annotated[
    datetime,
    BeforeValidator(_from_a_query),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Body(BaseModel):
    """A body that comes in: of exactly these fields, and of exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _without_nulls(schema: dict[str, Any]) -> None:
    """Say of each field that may be None that it may be absent: that is how it is sent."""
    for field in schema.get("properties", {}).values():
        kinds = [kind for kind in field.get("anyOf", []) if kind != {"type": "null"}]
        if len(kinds) == 1 and field.get("default", ...) is None:
            del field["anyOf"], field["default"]
            field.update(kinds[0])


class Shown(BaseModel):
    """A body that goes out. A field of which there is no value is left out, and never null."""

    model_config = ConfigDict(json_schema_extra=_without_nulls)


State = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class Progress(Shown):
    """How far a task is, as far as that is known."""

    percent: int | None = Field(default=None, ge=0, le=100)
    total: int | None = Field(default=None, description="The items of a map, or what a task said")
    succeeded: int | None = None
    failed: int | None = None
    cancelled: int | None = None
    message: str | None = Field(default=None, description="What the task said last")
    estimated_completion_at: datetime | None = None


class Reason(Shown):
    """Why an attempt failed: the name of an exception's class, and its sentence."""

    # What generated clients call it: a task's explanation has a reason of another kind.
    model_config = ConfigDict(title="FailureReason")

    kind: str
    message: str


class Task(Shown):
    """A task as it stands."""

    id: str = Field(examples=["01KF0Q5M00E4Q8V0J8Z1X2Y3W4"])
    task: str = Field(description="What it does", examples=["countries.refresh"])
    state: State
    phase: Literal["plan", "chunks", "finish", "make", "children"] | None = Field(
        default=None, description="What a map, or a task with children, does while it is not over"
    )
    priority: int = Field(ge=1, le=10)
    pool: str
    unique: str | None = Field(default=None, description="The key that no other live task has")
    parent: str | None = Field(default=None, description="The task that it is a part of")
    previous: str | None = Field(
        default=None, description="The task after whose end it began: a step, or its group"
    )
    children: int | None = Field(default=None, description="How many tasks it has begun")
    schedule: str | None = Field(default=None, description="The schedule that started it")
    attempts: int = Field(
        description="How often it was started; of a map or a group: once, and again after each"
        " failure of its own"
    )
    max_retries: int | None = Field(
        default=None, description="How many attempts may follow the first, if it was submitted so"
    )
    created_at: datetime
    not_before: datetime | None = Field(
        default=None, description="It starts no earlier; of a retry, while the task waits for it"
    )
    start_by: datetime | None = Field(default=None, description="It fails if it has not started")
    started_at: datetime | None = None
    ended_at: datetime | None = None
    deadline_at: datetime = Field(description="It fails if it has not ended")
    expires_at: datetime | None = Field(default=None, description="Nobody can ask for it then")
    result_expires_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    progress: Progress | None = None
    has_errors: bool | None = Field(
        default=None, description="Some of its items or children failed"
    )
    error: Reason | None = Field(
        default=None, description="Why it ended so; while it waits, why the last attempt failed"
    )


class ProblemField(Shown):
    """A field that is not what it must be."""

    field: str = Field(description="A path such as params.name")
    expected: str


class ProblemDetails(Shown):
    """What is wrong (RFC 9457)."""

    type: str = Field(description="Tells the kinds of problems apart")
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path of the request")
    errors: list[ProblemField] | None = Field(default=None, description="The fields that are wrong")


def duration(seconds: float | None) -> timedelta | None:
    """The seconds of a body as the engine takes them."""
    return None if seconds is None else timedelta(seconds=seconds)


def whole_seconds(least: int, most: int) -> BeforeValidator:
    """A check of a field of whole seconds; what is wrong names both ends."""
    expected = f"a whole number of seconds, from {least:,} to {most:,}"

    def checked(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError(expected)
        return value

    return BeforeValidator(checked)
