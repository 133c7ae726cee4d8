"""A task that a schedule starts every ten seconds for ten minutes: how its machine stands."""

from datetime import timedelta
from typing import Any

from tasks.examples.machine import MACHINE
from tasks.examples.names import HEALTH
from tasks.examples.times import naive
from windrow import Context, Overlap, Schedule, task

EVERY = timedelta(seconds=10)
LASTING = timedelta(minutes=10)
# Two runs may overlap where a worker starts cold: each measures its own machine.
SCHEDULE = Schedule(every=EVERY, lasting=LASTING, overlap=Overlap.ALLOW)


@task(HEALTH, deadline=timedelta(minutes=10))
def check_health(context: Context) -> dict[str, Any]:
    """Measure the worker that this runs on."""
    measured = {
        "cpu_percent": MACHINE.cpu_percent(),
        "memory_percent": MACHINE.memory_percent(),
        "timestamp": naive(context.clock.now()),
    }
    context.logger.info("health.checked", extra=measured)
    return measured
