"""What running code may ask of Windrow."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from windrow.aws.port import AWS
from windrow.clock import Clock
from windrow.engine import progress, steps
from windrow.engine.attempt import Attempt
from windrow.engine.signals import interruptions
from windrow.errors import Misused
from windrow.model.children import Child
from windrow.model.draft import Draft

if TYPE_CHECKING:
    from windrow.engine.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The task that is running, and its means. docs/writing-tasks.md shows each of them at work.

    attempt          1 for the first, and so on; it never goes back
    created          when the task was submitted
    deadline         when this attempt is cut off: by the platform, its timeout, or its deadline
    idempotency_key  the same for all attempts, and another for each task, chunk and phase: give it
                     to services that refuse to do a thing twice
    logger           its lines carry the task's id and the attempt
    aws              the port to AWS, with the rights of the worker's function
    engine           what the engine's verbs are given: stats(context.engine, context.tenant)
    running          the engine's own: what the verbs below act on
    """

    tenant: str
    task_id: str
    attempt: int
    created: datetime
    deadline: datetime
    idempotency_key: str
    logger: "logging.LoggerAdapter[logging.Logger]"
    clock: Clock
    aws: AWS
    engine: "Engine"
    running: Attempt

    def progress(self, current: int, total: int | None = None, message: str | None = None) -> None:
        """Say how far the task is: `current` of `total`, in whole numbers of whatever it counts.

        Report as often as you like: it is written at most once a second, and when the attempt ends.
        The share that is done never falls, also across attempts: a report of a smaller one only
        changes the message. A plain task reports; a map's progress is counted from its chunks.
        """
        progress.progress(self.running, current, total, message)

    @property
    def cancelled(self) -> bool:
        """Has somebody asked to cancel this task? Learnt from the answers to `progress` and
        `checkpoint`, at no cost: a task that calls neither does not see it. In a chunk it asks the
        map, at most every five seconds.

        Raise anything to end as cancelled; what returns has succeeded all the same.
        """
        self.running.look()
        return self.running.is_cancelled

    @property
    def cursor(self) -> Any:
        """What was given to the last checkpoint of this task or chunk; None if there was none."""
        return progress.cursor(self.running)

    @property
    def is_time_up(self) -> bool:
        """Would a checkpoint end this attempt now, to be continued by the next one?"""
        return self.running.is_time_up

    def checkpoint(self, cursor: Any) -> None:
        """Store from where the next attempt can go on: anything that is JSON, up to 30 KB.

        When the time of this attempt is nearly up, it ends here (`finally` still runs), and the
        task is queued at once to go on from this cursor: no failure and no crash is counted, and
        both budgets begin anew. When somebody has asked to cancel the task, it ends here as
        cancelled. Each call is a write; in a tight loop ask `is_time_up` first.
        """
        progress.checkpoint(self.running, cursor)

    def once[T](self, name: str, function: Callable[[], T]) -> T:
        """Call a function whose answer (JSON) is kept: later attempts get it without a call.

        A worker that dies between the call and its answer's keeping leaves the next attempt to call
        again: at least once. Give `idempotency_key` to what must not happen twice.
        """
        answer: T = steps.once(self.running, name, function)
        return answer

    def transact(self, name: str, writes: Sequence[Mapping[str, Any]]) -> bool:
        """Make up to 98 DynamoDB writes exactly once: True if done now, False if done before.

        `writes` are parts of a TransactWriteItems in boto3's low-level shape. They happen together
        with the step's marker and only while this attempt owns the task: all of it, or nothing.
        Raises WriteRefused with the index of the write whose own condition did not hold.
        """
        return steps.transact(self.running, name, writes)

    def submit(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        delay: timedelta | None = None,
        start_within: timedelta | None = None,
        deadline: timedelta | None = None,
        priority: int | None = None,
        max_retries: int | None = None,
    ) -> str:
        """Submit a task as a child of this one; returns its id. A later attempt meets it again.

        This task ends after its children: it waits for them once its function has returned. Without
        `key` a child is known by its name and params, and by how often this attempt has submitted
        the same; give each a key where its params differ from attempt to attempt. Raises Misused in
        a map, whose parts are its chunks, and what submit() of the engine raises.
        """
        if self.running.bear is None:
            raise Misused("Only a plain task has children: the parts of a map are its chunks.")
        draft = Draft(
            name,
            params or {},
            delay=delay,
            start_within=start_within,
            deadline=deadline,
            priority=priority,
            max_retries=max_retries,
        )
        return self.running.bear(draft, key)

    @property
    def previous(self) -> Any:
        """In a chain: the result of the step before, None for the first one.

        In a callback: a dict that says how the group or the chain has ended: `task`, `state`,
        `total`, `succeeded`, `failed`, `cancelled`, and `result` and `error` where there is one.
        It is read when it is asked for.
        """
        with interruptions():
            return self.running.previous.value()

    def children(self) -> Iterator[Child]:
        """In a callback: each task of what has ended, with its `number`, `ref`, `name`, `state` and
        `error`; a hundred are read at a time.
        """
        return self.running.previous.ended()

    def result(self, child: Child) -> Any:
        """In a callback: what one of these tasks has returned; None where it did not succeed."""
        with interruptions():
            return self.running.previous.result(child.ref)
