"""Drafts: tasks as a caller describes them, before there are any."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from windrow.model.terms import Terms


@dataclass(frozen=True, slots=True)
class Draft:
    """A task that is to be: its name, its params, and what Terms explains.

    into    in a chain: the field of its params that takes the result of the step before it; of a
            callback: the field that takes the summary of what has ended
    """

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    delay: timedelta | None = None
    at: datetime | None = None
    start_within: timedelta | None = None
    deadline: timedelta | None = None
    priority: int | None = None
    unique: str | None = None
    webhook: str | None = None
    into: str | None = None
    max_retries: int | None = None

    @property
    def terms(self) -> Terms:
        """What it says beside the declaration. Raises InvalidOption, which names the term."""
        return Terms(
            delay=self.delay,
            at=self.at,
            start_within=self.start_within,
            deadline=self.deadline,
            priority=self.priority,
            unique=self.unique,
            webhook=self.webhook,
            max_retries=self.max_retries,
        )
