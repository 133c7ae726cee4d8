"""Windrow: background tasks that run as serverless functions on AWS.

The names that an application needs; importing them loads no AWS client.
"""

from windrow.engine.context import Context
from windrow.engine.definition import Outcome, task
from windrow.engine.registry import Registry
from windrow.errors import Retry
from windrow.model.items import JsonLines
from windrow.model.retry import GIVE_UP, RetryPolicy

__all__ = ["GIVE_UP", "Context", "JsonLines", "Outcome", "Registry", "Retry", "RetryPolicy", "task"]
__version__ = "0.1.0"
