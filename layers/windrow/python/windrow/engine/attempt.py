"""One attempt while the author's code runs on it: its record as it last stood, and its time."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from windrow.aws.errors import Unavailable
from windrow.clock import Clock
from windrow.engine.previous import Previous
from windrow.model.draft import Draft
from windrow.model.records import Chunk, Progress, Task
from windrow.model.states import Phase
from windrow.store.records import Records
from windrow.store.steps import Steps
from windrow.telemetry.port import Telemetry

# A chunk asks its map this often whether it is still wanted: a read, where nobody else tells it.
LOOK_EVERY = timedelta(seconds=5)
# What is left for the end of a step that is longer than the others, and for queueing again.
SHORTEST_MARGIN = timedelta(seconds=5)
MARGIN = 0.1


@dataclass(frozen=True, slots=True)
class Report:
    """How far a task says it is."""

    progress: Progress
    message: str | None


@dataclass(kw_only=True, slots=True)
class Attempt:
    """What an author's call on the context may read and change.

    record     the task or the chunk, as this attempt last wrote or saw it
    began      when this attempt did, and `until` is when it must be over
    unsaid     what the task reported since `reported`, when a report was last written
    done       the names of the steps that this attempt did or found done with `transact`
    refusal    why a checkpoint of the author's cannot be taken here
    is_over    the author's function has returned or raised: nothing ends it from within any more
    looked     when a chunk's map was last asked whether the chunk is still wanted
    is_unwanted  it said that it is not
    previous   what came before it, if it follows another task
    bear       submits a child, where what runs may have some
    submitted  how often this attempt has submitted each content without a key

    Authors may call from several threads: whoever reads and then writes holds the lock.
    """

    record: Task | Chunk
    began: datetime
    until: datetime
    records: Records
    steps: Steps
    clock: Clock
    telemetry: Telemetry
    previous: Previous
    unsaid: Report | None = None
    reported: datetime | None = None
    done: set[str] = field(default_factory=set)
    refusal: str | None = None
    is_over: bool = False
    looked: datetime | None = None
    is_unwanted: bool = False
    bear: Callable[[Draft, str | None], str] | None = None
    submitted: Counter[str] = field(default_factory=Counter)
    lock: RLock = field(default_factory=RLock)

    def store(self, **changes: Any) -> None:
        """Write to the record under its fence, and see what others wrote to it meanwhile.

        Raises Fenced, ServiceError.
        """
        self.record = self.records.renew(self.record, replace(self.record, **changes))

    @property
    def is_cancelled(self) -> bool:
        """Has somebody asked for what runs here to stop, as far as this attempt has seen?"""
        return self.is_unwanted or self.record.cancel_requested is not None

    def look(self, *, at_once: bool = False) -> None:
        """Let a chunk see a request to cancel its map; without `at_once`, every five seconds.

        A read that AWS does not answer is no reason to stop, and the next one will tell.
        """
        now = self.clock.now()
        is_early = now - (self.looked or self.began) < LOOK_EVERY and not at_once
        if is_early or self.is_unwanted or not isinstance(self.record, Chunk):
            return
        self.looked = now
        with suppress(Unavailable):
            task = self.records.task(self.record.ref.parent)
            self.is_unwanted = task is None or task.state.is_over or bool(task.cancel_requested)

    @property
    def phase(self) -> Phase | None:
        """Which phase of a map this is; None for a plain task and for a chunk."""
        return self.record.phase if isinstance(self.record, Task) else None

    @property
    def is_time_up(self) -> bool:
        """Is it time to make room for the next attempt? Never at the task's deadline: none comes.

        The margin is a tenth of the attempt, five seconds at the least, but never half of it.
        """
        if self.until >= self.record.deadline:
            return False
        length = self.until - self.began
        margin = min(max(length * MARGIN, SHORTEST_MARGIN), length / 2)
        return self.clock.now() >= self.until - margin
