"""A task of a chosen priority: it looks after the worker that it runs on."""

import gc
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tasks.examples.machine import MACHINE
from tasks.examples.names import MAINTENANCE
from windrow import Context, task

# Beyond this a worker is near its end.
FULL = 95.0


class Maintenance(BaseModel):
    """How urgent it is. It is said here, too, so that who repeats a request repeats all of it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    priority: Literal["LOW", "NORMAL", "HIGH", "CRITICAL"] = Field(
        default="HIGH", description="What goes first: CRITICAL, then HIGH, NORMAL, LOW"
    )


@task(MAINTENANCE, params=Maintenance)
def maintain(context: Context, params: Maintenance) -> dict[str, str]:
    """Free what this process does not need any more, then see whether there is room for work."""
    freed = gc.collect()
    systems = {"memory": MACHINE.memory_percent(), "disk": disk_percent()}
    context.logger.info(
        "maintenance.done", extra={"urgency": params.priority, "objects_freed": freed, **systems}
    )
    return {"maintenance": "completed", "systems": verdict(systems)}


def disk_percent() -> float:
    """How full the disk of temporary files is."""
    import shutil
    import tempfile

    usage = shutil.disk_usage(tempfile.gettempdir())
    return round(100 * usage.used / usage.total, 1)


def verdict(systems: dict[str, float]) -> str:
    """`healthy`, or the names of what is nearly full."""
    full = sorted(name for name, percent in systems.items() if percent >= FULL)
    return f"nearly full: {', '.join(full)}" if full else "healthy"
