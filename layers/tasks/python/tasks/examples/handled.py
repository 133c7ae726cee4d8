"""A task whose errors are handled by their kind: some tried again, some given up at once."""

from collections.abc import Callable
from datetime import timedelta
from random import SystemRandom

from tasks.examples.names import HANDLED
from windrow import GIVE_UP, Context, task

# An attempt of its own ends in one of these ways; None is success.
ERRORS: tuple[Exception | None, ...] = (
    ConnectionError("Failed to connect to external service"),
    ValueError("Invalid data format"),
    RuntimeError("Unknown error occurred"),
    None,
)
OTHERS_TRIED = 2
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=1)

choose: Callable[[tuple[Exception | None, ...]], Exception | None] = SystemRandom().choice


def handle(context: Context, error: Exception) -> object:
    """Decide by the kind of error: a wait for another attempt, or none any more.

    A connection may come back, and is tried until the deadline; data does not mend itself.
    """
    context.logger.warning(
        "task.failed_on_attempt", extra={"reason": str(error), "kind": type(error).__name__}
    )
    if isinstance(error, ValueError):
        return GIVE_UP
    if isinstance(error, ConnectionError) or context.attempt < OTHERS_TRIED:
        return min(FIRST_WAIT * 2 ** min(context.attempt - 1, 10), LONGEST_WAIT)
    return GIVE_UP


@task(HANDLED, on_error=handle, deadline=timedelta(hours=1))
def handle_errors(context: Context) -> dict[str, str]:
    """Each attempt fails in one of three ways, or succeeds. Raises what was chosen."""
    error = choose(ERRORS)
    if error is not None:
        raise error
    return {"status": "success"}
