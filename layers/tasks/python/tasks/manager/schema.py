"""The shapes of the task manager's answers, for the API's documentation and for nothing else."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


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
    max_retries: int | None = Field(description="Null where the task's own policy counts")
    created_at: str
    started_at: str | None
    completed_at: str | None


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
    """Each wrong field or parameter."""

    detail: list[WrongField]
