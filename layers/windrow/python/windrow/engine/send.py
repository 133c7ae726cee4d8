"""Send: hints go out; one that does not, or that is for later, is left to the sweeper."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import batched, groupby
from math import ceil

from windrow.engine.engine import Engine
from windrow.model.records import HINT_GRACE, Chunk, Record, Task
from windrow.model.ref import Ref, ScheduleRef
from windrow.queue.sqs import BATCH, LONGEST_DELAY
from windrow.telemetry.metrics import Metric

# Where hints of schedules go: any worker can look at one.
POOL = "default"


def send[R: Ref | ScheduleRef](
    engine: Engine, pool: str, refs: Sequence[R], *, delay: timedelta = timedelta()
) -> list[R]:
    """Hint at records; returns those whose hint was not sent. Their `due` brings the sweeper."""
    unsent = engine.queue.send(pool, refs, delay=delay)
    engine.telemetry.count(Metric.HINTS_SENT, len(refs) - len(unsent))
    if unsent:
        engine.telemetry.count(Metric.HINTS_FAILED, len(unsent))
        engine.telemetry.warning("hint.unsent", pool=pool, refs=[str(ref) for ref in unsent])
    return unsent


def send_all(engine: Engine, tasks: Iterable[Task], *, until: datetime | None = None) -> bool:
    """Hint at new tasks for when they may start, in tens: those of one pool and time together.

    False when SQS does not answer, or `until` has come: the sweeper sends the others.
    """
    now = engine.clock.now()

    def place(task: Task) -> tuple[str, int]:
        return task.pool, ceil(max(task.not_before - now, timedelta()).total_seconds())

    for (pool, seconds), those in groupby(sorted(tasks, key=place), key=place):
        delay = timedelta(seconds=seconds)
        # What is for later than a queue can hold is left to the sweeper.
        if delay > LONGEST_DELAY:
            continue
        for ten in batched(those, BATCH):
            if until is not None and engine.clock.now() >= until:
                return False
            if len(send(engine, pool, [task.ref for task in ten], delay=delay)) == len(ten):
                return False
    return True


def tell_parent(engine: Engine, child: Task) -> None:
    """Have a worker look at the parent of a child that was ended by somebody who is none."""
    if child.state.is_over and child.parent_ref is not None:
        # Any worker may look, and this pool has some.
        send(engine, child.pool, [child.parent_ref])


def send_for_its_time(engine: Engine, record: Record) -> None:
    """Hint at a record for when it may start, if a queue holds a message for so long."""
    wait = record.not_before - engine.clock.now()
    if wait <= LONGEST_DELAY:
        send(engine, record.pool, [record.ref], delay=wait)


def tell_schedule(engine: Engine, task: Task) -> None:
    """Let somebody look at the schedule that waits for the end of this task.

    A hint that is lost costs it up to five minutes: then a tick looks at it.
    """
    if task.is_awaited and task.schedule is not None:
        send(engine, POOL, [ScheduleRef(task.ref.tenant, task.schedule)])


def look_at(record: Task | Chunk, now: datetime) -> datetime:
    """When the sweeper should look at a record that starts no earlier than its `not_before`.

    In time to send the hint that `send_for_its_time` leaves to it; or when a task's time has come,
    to list it: its hint is behind all others in the queue. What is listed at once, and a chunk, is
    looked at when its hint must be lost.
    """
    wait = record.not_before - now
    if wait > LONGEST_DELAY:
        return record.not_before - LONGEST_DELAY
    if isinstance(record, Task) and wait > timedelta():
        return record.not_before
    return record.not_before + HINT_GRACE
