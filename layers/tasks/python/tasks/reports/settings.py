"""The environment of the reports, read and checked."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from windrow.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployment tells the reports: where rows of countries and where files are."""

    table: str
    bucket: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read APPLICATION_TABLE and WINDROW_BUCKET. Raises ConfigurationError."""
        return cls(
            table=_required(environment, "APPLICATION_TABLE"),
            bucket=_required(environment, "WINDROW_BUCKET"),
        )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise ConfigurationError(f"The environment variable {name} is not set.")
    return value
