"""Times as seed 002 shows them: UTC without a zone, to the second."""

from datetime import UTC, datetime


def naive(instant: datetime) -> str:
    """2026-01-15T10:30:00"""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
