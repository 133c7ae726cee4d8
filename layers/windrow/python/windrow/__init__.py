"""Windrow: background tasks that run as serverless functions on AWS.

The names that an application needs. They are loaded when they are first asked for: a poll, which
imports this package on its way to the store, runs no task and need not pay for the engine.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from windrow.engine.context import Context
    from windrow.engine.declare import task
    from windrow.engine.definition import Outcome
    from windrow.engine.registry import Registry
    from windrow.errors import Retry, WriteRefused
    from windrow.model.items import JsonLines
    from windrow.model.retry import GIVE_UP, RetryPolicy
    from windrow.model.schedule import Overlap, Schedule

__all__ = [
    "GIVE_UP",
    "Context",
    "JsonLines",
    "Outcome",
    "Overlap",
    "Registry",
    "Retry",
    "RetryPolicy",
    "Schedule",
    "WriteRefused",
    "task",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from windrow.engine.context import Context
    from windrow.engine.declare import task
    from windrow.engine.definition import Outcome
    from windrow.engine.registry import Registry
    from windrow.errors import Retry, WriteRefused
    from windrow.model.items import JsonLines
    from windrow.model.retry import GIVE_UP, RetryPolicy
    from windrow.model.schedule import Overlap, Schedule

    return {
        "GIVE_UP": GIVE_UP,
        "Context": Context,
        "JsonLines": JsonLines,
        "Outcome": Outcome,
        "Registry": Registry,
        "Retry": Retry,
        "Overlap": Overlap,
        "RetryPolicy": RetryPolicy,
        "Schedule": Schedule,
        "WriteRefused": WriteRefused,
        "task": task,
    }[name]
