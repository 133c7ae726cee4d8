"""The environment of the analytics."""

import os

from windrow.errors import ConfigurationError


def table() -> str:
    """The table for rows of applications. Raises ConfigurationError."""
    value = os.environ.get("APPLICATION_TABLE")
    if not value:
        raise ConfigurationError("The environment variable APPLICATION_TABLE is not set.")
    return value
