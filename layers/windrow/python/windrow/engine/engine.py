"""The engine: what every verb is given. It holds, and does nothing itself."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from windrow.aws.port import SigningAWS
from windrow.clock import Clock
from windrow.engine.attempt import Attempt
from windrow.engine.context import Context
from windrow.engine.previous import Previous
from windrow.engine.registry import Registry
from windrow.model.records import Chunk, Group, Task
from windrow.model.states import Phase
from windrow.model.trace import Cause, Trace
from windrow.outgoing import Outgoing
from windrow.queue.sqs import Queue
from windrow.store.bucket import Bucket
from windrow.store.children import LONGER
from windrow.store.control import Control
from windrow.store.cursors import Cursors
from windrow.store.due import DueIndex
from windrow.store.keys import milliseconds
from windrow.store.quota import Quota
from windrow.store.ready import ReadyIndex
from windrow.store.records import Records
from windrow.store.schedules import Schedules
from windrow.store.steps import Steps
from windrow.store.tasks import Tasks
from windrow.store.timers import Timers
from windrow.telemetry.named import Named
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
    cursors: Cursors
    bucket: Bucket
    queue: Queue
    schedules: Schedules
    timers: Timers
    clock: Clock
    random: Random
    telemetry: Telemetry
    quota: Quota
    retention: timedelta
    outgoing: Outgoing = field(default_factory=Outgoing)

    def kept_until(self, record: Task | Chunk | Group, now: datetime) -> datetime:
        """When a record that ends now expires.

        A map's groups and chunks are its facts: they outlive it, however early they end. So does a
        child, also where its parent begins again.
        """
        if isinstance(record, Group):
            # TTL deletes in any order: a group whose chunks are left would not be found again.
            return max(now, record.deadline) + self.retention + LONGER
        if isinstance(record, Chunk):
            return max(now, record.deadline) + self.retention
        if record.needed_until is None:
            return now + self.retention
        return max(now, record.needed_until) + self.retention + LONGER

    def context(self, task: Task, record: Task | Chunk, until: datetime) -> Context:
        """What the code of one attempt may ask; `record` is the task or one of its chunks."""
        running = Attempt(
            record=record,
            began=self.clock.now(),
            until=until,
            records=self.records,
            steps=Steps(
                self.records,
                self.tasks.transactions,
                self.retention,
                self.registry.get(task.name).deadline,
            ),
            clock=self.clock,
            telemetry=self.telemetry,
            previous=Previous(self.records, self.tasks.children, self.bucket, task),
        )
        if running.phase is Phase.PLAN:
            running.refusal = "A plan has no checkpoints: the items that it made would be lost."
        ids = {**record.ref.ids, "task_name": task.name, "attempt": record.attempt}
        ids |= Cause(trace=Trace.parsed(task.trace)).ids
        return Context(
            tenant=task.ref.tenant,
            task_id=task.ref.task,
            attempt=record.attempt,
            created=task.created,
            deadline=min(until, task.deadline),
            idempotency_key=_idempotency_key(record),
            logger=Named(self.telemetry.logger, ids),
            clock=self.clock,
            aws=self.aws,
            engine=self,
            running=running,
        )


def _idempotency_key(record: Task | Chunk) -> str:
    """With the time of creation: the id of a key that is used again after expiry is the same."""
    phase = [record.phase] if isinstance(record, Task) and record.phase else []
    parts = [record.ref.tenant, str(record.ref), *phase, str(milliseconds(record.created))]
    return "/".join(parts)
