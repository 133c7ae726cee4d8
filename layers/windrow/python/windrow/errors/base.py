"""What every error says of itself, and what is wrong before any task runs."""

from typing import ClassVar


class WindrowError(Exception):
    """Base of every error that Windrow raises.

    `retryable` answers the only question a worker asks of an error: does another try help?
    An application's own exceptions may carry the same attribute.
    """

    retryable: ClassVar[bool] = False


class ConfigurationError(WindrowError):
    """The deployment is wrong: a setting is missing or impossible."""


class DefinitionError(WindrowError):
    """A task is declared wrong."""


def is_retryable(error: BaseException) -> bool:
    """Does another try help? Unknown errors may pass, so they are tried again."""
    return bool(getattr(error, "retryable", True))
