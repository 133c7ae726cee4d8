"""What cleaning up may be asked for."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# Older ones have expired, whatever a deployment keeps: RetentionDays is at most 365.
MOST_DAYS = 3_650


class RemoveParams(BaseModel):
    """Tasks that ended more than so many hours ago."""

    model_config = ConfigDict(extra="forbid")

    max_age_hours: Annotated[int, Field(ge=1, le=24 * MOST_DAYS)] = 24


class ArchiveParams(BaseModel):
    """Tasks that ended more than so many days ago."""

    model_config = ConfigDict(extra="forbid")

    days_old: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 365
