"""The shapes of the answers, for the API's documentation and for nothing else."""

from pydantic import BaseModel, ConfigDict


class Scheduled(BaseModel):
    """The notification is stored, and will be told."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"ok": True, "message": "Notification scheduled in background"}]
        }
    )

    ok: bool
    message: str


class Told(BaseModel):
    """A notification that was told. The time is UTC, without a zone."""

    task_id: str
    title: str
    message: str
    created_at: str


class Latest(BaseModel):
    """The latest notifications, the newest first."""

    notifications: list[Told]


class NotificationProblem(BaseModel):
    """What went wrong, in a sentence."""

    error: str


class NotificationInvalid(BaseModel):
    """Each wrong field or parameter, with what was expected of it."""

    error: str
    details: dict[str, str]
