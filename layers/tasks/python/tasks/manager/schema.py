"""The shapes of the task manager's answers, for the API's documentation and for nothing else."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tasks.manager.dialect import RETRIES
from windrow.api.v1.schema import Body
from windrow.model.terms import MOST_RETRIES

EXAMPLE: dict[str, Any] = {
    "task_name": "afirgen_tasks.email.send_confirmation",
    "task_type": "email",
    "params": {"fir_id": "fir_12345", "recipient_email": "user@example.com"},
    "priority": 5,
    "max_retries": 3,
}


class NewManagedTask(Body):
    """A task of one of the four types."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    task_name: str = Field(
        description="The name of a task of that type, with or without `afirgen_tasks.` before it",
        min_length=1,
        max_length=255,
    )
    task_type: str = Field(description="email, report, analytics or cleanup", max_length=255)
    params: dict[str, Any] = Field(
        default_factory=dict, description="As the task's own model has them"
    )
    priority: int | None = Field(
        default=None,
        description="10 goes first; by default email 3, report 5, analytics 2, cleanup 1",
        ge=1,
        le=10,
    )
    max_retries: int = Field(
        default=RETRIES, description="How many attempts may follow the first", ge=0, le=MOST_RETRIES
    )


class Enqueued(BaseModel):
    """The task that answers a request."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "task_id": "01KF0Q5M00E4Q8V0J8Z1X2Y3W4",
                    "message": "Task enqueued successfully with priority 5",
                }
            ]
        }
    )

    task_id: str
    message: str


class ManagedTask(BaseModel):
    """A task as seed 004 shows it. Times are UTC, without a zone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "task_id": "01KF0Q5M00E4Q8V0J8Z1X2Y3W4",
                    "task_name": "afirgen_tasks.email.send_confirmation",
                    "task_type": "email",
                    "priority": 5,
                    "status": "completed",
                    "params": {"fir_id": "fir_12345", "recipient_email": "user@example.com"},
                    "result": {"status": "success", "message": "Email sent successfully"},
                    "error_message": None,
                    "retry_count": 0,
                    "max_retries": 3,
                    "created_at": "2024-01-15T10:30:00",
                    "started_at": "2024-01-15T10:30:05",
                    "completed_at": "2024-01-15T10:30:10",
                }
            ]
        }
    )

    task_id: str
    task_name: str
    task_type: str
    priority: int
    status: Literal["pending", "running", "completed", "failed", "cancelled"]
    params: Any = Field(description="Null where they are too large to be shown")
    result: Any = Field(description='Null until there is one; `{"url": ...}` of a large one')
    error_message: str | None
    retry_count: int
    max_retries: int | None = Field(
        description="3 if nobody said; null for a task of none of the four types whose submission"
        " named none: its own policy counts"
    )
    created_at: str
    started_at: str | None
    completed_at: str | None


class ManagedTasks(BaseModel):
    """A page of tasks, the newest first."""

    tasks: list[ManagedTask]
    total_count: int = Field(description="How many there are on all pages")
    limit: int
    offset: int


class Count(BaseModel):
    """How many tasks there are of a status and a type; null where any was asked for."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"count": 42, "status": "pending", "task_type": "email"}]}
    )

    count: int
    status: str | None
    task_type: str | None


class Cancelled(BaseModel):
    """What a cancellation came to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "task_id": "01KF0Q5M00E4Q8V0J8Z1X2Y3W4",
                    "success": True,
                    "message": "Task cancelled successfully",
                }
            ]
        }
    )

    task_id: str
    success: bool
    message: str


class ExtractedArticle(BaseModel):
    """A task as seed 001 shows it; what there is not is left out. Times are UTC, without a zone."""

    task_id: str
    type: str
    status: Literal["pending", "in_progress", "completed", "failed"]
    result: Any = Field(default=None, description='`{"url": ...}` of a large one')
    error: str | None = None
    created_at: str
    completed_at: str | None = None


class Refused(BaseModel):
    """What is wrong, in a sentence."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"detail": "Task not found"}]})

    detail: str


class WrongField(BaseModel):
    """A field or parameter that is not what it must be."""

    type: str
    loc: list[str | int]
    msg: str


class Unprocessable(BaseModel):
    """Each wrong field or parameter; a sentence where a key was used before for something else."""

    detail: list[WrongField] | str
