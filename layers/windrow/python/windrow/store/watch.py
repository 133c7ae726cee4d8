"""Waiting for a task to change: one read, and more of them only as long as somebody waits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from windrow.clock import Clock
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.store.records import Records

# Most tasks that are waited for end within a second; the others cost a read every two.
FIRST_PAUSE = timedelta(milliseconds=200)
LONGEST_PAUSE = timedelta(seconds=2)
GROWTH = 1.5

type IsMet = Callable[[Task | None, datetime], bool]


@dataclass(frozen=True, slots=True)
class Watch:
    """Reads one task until it is as somebody wants it; strongly consistent."""

    records: Records
    clock: Clock

    def task(self, ref: Ref, is_met: IsMet, wait: timedelta) -> Task | None:
        """The task, as soon as `is_met` says yes, or as it stands when `wait` is over.

        Without a wait it is one read of one item. 20 seconds are 15 of them at most.
        Raises ServiceError.
        """
        end = self.clock.now() + wait
        pause = FIRST_PAUSE
        while True:
            task = self.records.task(ref)
            now = self.clock.now()
            if now >= end or is_met(task, now):
                return task
            self.clock.sleep(min(pause, end - now))
            pause = min(pause * GROWTH, LONGEST_PAUSE)
