"""The environment of the countries, read and checked."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from tasks.countries.upstreams import choose
from windrow.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployment tells the countries: where rows and images are, and the upstream."""

    table: str
    bucket: str
    upstream: choose.Choice

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read APPLICATION_TABLE, WINDROW_BUCKET and what the upstream needs.

        Raises ConfigurationError when a value is missing or not what it must be.
        """
        return cls(
            table=_required(environment, "APPLICATION_TABLE"),
            bucket=_required(environment, "WINDROW_BUCKET"),
            upstream=choose.read(environment),
        )


def check(environment: Mapping[str, str]) -> None:
    """Refuse to start where an upstream is named that cannot work, such as http without a key.

    Raises ConfigurationError. Functions that are told of no upstream refresh nothing, and pass.
    """
    if "COUNTRIES_UPSTREAM" in environment:
        choose.read(environment)


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise ConfigurationError(f"The environment variable {name} is not set.")
    return value
