"""Windrow: background tasks that run as serverless functions on AWS.

The names that an application needs; importing them loads no AWS client.
"""

from windrow.engine.context import Context
from windrow.engine.definition import Outcome, task
from windrow.engine.registry import Registry
from windrow.model.retry import RetryPolicy

__all__ = ["Context", "Outcome", "Registry", "RetryPolicy", "task"]
__version__ = "0.1.0"
