"""What every error says of itself, and what is wrong before any task runs."""

from typing import ClassVar


class WindrowError(Exception):
    """Base of every error that Windrow raises.

    `retryable` answers the only question a worker asks of an error: does another try help?
    An application's own exceptions may carry the same attribute.
    """

    retryable: ClassVar[bool] = False
    # Does its sentence say all that an operator needs? Then its lines carry no traceback.
    is_expected: ClassVar[bool] = True


class ConfigurationError(WindrowError):
    """The deployment is wrong: a setting is missing or impossible."""


class DefinitionError(WindrowError):
    """A task is declared wrong."""


def is_expected(error: BaseException) -> bool:
    """Does an error say itself what went wrong, and whatever caused it as well?"""
    is_known = isinstance(error, WindrowError) and error.is_expected
    return is_known and (error.__cause__ is None or is_expected(error.__cause__))


def is_retryable(error: BaseException) -> bool:
    """Does another try help? Unknown errors may pass, so they are tried again."""
    return bool(getattr(error, "retryable", True))
