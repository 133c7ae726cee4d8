"""What running code may ask of Windrow."""

import logging
from dataclasses import dataclass
from datetime import datetime

from windrow.aws.port import AWS
from windrow.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The task that is running, and its means.

    attempt    1 for the first, and so on; it never goes back
    created    when the task was submitted
    deadline   when this attempt is cut off: the platform's timeout, or the task's own deadline
    aws        the port to AWS, with the rights of the worker's function
    """

    tenant: str
    task_id: str
    attempt: int
    created: datetime
    deadline: datetime
    logger: logging.Logger
    clock: Clock
    aws: AWS
