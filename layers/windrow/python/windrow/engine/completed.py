"""An author's function may be written with `def` or with `async def`."""

from contextlib import closing
from typing import Any


def completed(value: Any) -> Any:
    """A function's value, whether it was written with `def` or `async def`."""
    if not hasattr(value, "__await__"):
        return value
    # Only where it is needed: asyncio costs a cold start 30 ms.
    import asyncio

    # A loop of its own: asyncio.run() would take away the one that Mangum keeps in this thread.
    with closing(asyncio.new_event_loop()) as loop:
        try:
            return loop.run_until_complete(value)
        except asyncio.CancelledError as error:
            # Not an Exception, so nobody would take it for what it is: an attempt that failed.
            raise RuntimeError("The task's coroutine was cancelled from within.") from error
