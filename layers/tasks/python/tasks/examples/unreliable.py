"""A task that fails three times in ten, and is tried again after 5, 10 and 20 seconds."""

from collections.abc import Callable
from datetime import timedelta
from random import SystemRandom

from tasks.examples.names import UNRELIABLE
from windrow import Context, task

FAILS = 0.3
MAX_RETRIES = 3
DELAY = timedelta(seconds=5)
MULTIPLIER = 2

draw: Callable[[], float] = SystemRandom().random


def wait(_error: BaseException, failures: int) -> timedelta | None:
    """How long to wait after so many failures; None when the retries are used up.

    Exactly that long, as the seed promises it. Tasks that many submit at once should rather have a
    RetryPolicy, whose waits are spread by chance.
    """
    return DELAY * MULTIPLIER ** (failures - 1) if failures <= MAX_RETRIES else None


@task(UNRELIABLE, retry=wait)
def unreliable(context: Context) -> dict[str, str]:
    """Each attempt draws anew whether the network is there. Raises ConnectionError."""
    if draw() < FAILS:
        raise ConnectionError("Simulated network error")
    return {"status": "success", "data": "Operation completed"}
