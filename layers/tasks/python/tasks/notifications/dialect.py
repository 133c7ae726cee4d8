"""Seed 003's words: its one answer, and the list that we add."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from tasks.notifications.outbox import Told

SCHEDULED = {"ok": True, "message": "Notification scheduled in background"}


def listed(notifications: Iterable[Told]) -> dict[str, Any]:
    """The latest, the newest first; times are naive UTC seconds, as all seeds have them."""
    return {"notifications": [_shown(each) for each in notifications]}


def _shown(told: Told) -> dict[str, Any]:
    at = told.at.astimezone(UTC).replace(tzinfo=None)
    return {
        "task_id": told.task_id,
        "title": told.title,
        "message": told.message,
        "created_at": at.isoformat(timespec="seconds"),
    }
