"""What ends an attempt from within: raised through the author's code, and answered in `run`."""

from collections.abc import Iterator
from contextlib import contextmanager

from windrow.aws.errors import ServiceError, Unavailable
from windrow.errors import Fenced

# What tells code to stop from outside of it, and says nothing of the code: left alone everywhere.
STOPS = (KeyboardInterrupt, GeneratorExit)


class Ending(BaseException):
    """No Exception, so that an author's `except Exception` lets it pass; `finally` still runs."""


class TimeIsUp(Ending):
    """The cursor is stored: this attempt ends here, and the next one begins at once."""


class CancelSeen(Ending):
    """Somebody asked to cancel the task, and this is a place where it can stop."""


class Interrupted(Ending):
    """Overtaken, or cut off from AWS: nothing that the author's code did or could do better."""

    def __init__(self, error: Fenced | ServiceError) -> None:
        self.error = error
        super().__init__(str(error))


@contextmanager
def interruptions() -> Iterator[None]:
    """Lead what is no fault of the author past the author's own `except`."""
    try:
        yield
    except (Fenced, Unavailable) as error:
        raise Interrupted(error) from error
