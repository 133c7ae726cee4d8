"""The engine: what every verb is given. It holds, and does nothing itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from windrow.aws.port import SigningAWS
from windrow.clock import Clock
from windrow.engine.context import Context
from windrow.engine.registry import Registry
from windrow.model.records import Record, Task
from windrow.queue.sqs import Queue
from windrow.store.bucket import Bucket
from windrow.store.control import Control
from windrow.store.due import DueIndex
from windrow.store.ready import ReadyIndex
from windrow.store.records import Records
from windrow.store.tasks import Tasks
from windrow.telemetry.port import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Stores, queue, clock, randomness, telemetry and the registered tasks."""

    aws: SigningAWS
    registry: Registry
    records: Records
    tasks: Tasks
    due: DueIndex
    ready: ReadyIndex
    control: Control
    bucket: Bucket
    queue: Queue
    clock: Clock
    random: Random
    telemetry: Telemetry
    retention: timedelta

    def context(self, task: Task, record: Record, until: datetime) -> Context:
        """What the code of one attempt may ask; `record` is the task or one of its chunks."""
        return Context(
            tenant=task.ref.tenant,
            task_id=task.ref.task,
            attempt=record.attempt,
            created=task.created,
            deadline=min(until, task.deadline),
            logger=self.telemetry.logger,
            clock=self.clock,
            aws=self.aws,
        )
