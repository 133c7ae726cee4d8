"""Time that passes with EventBridge Scheduler in it: on time, late, doubled, or not at all."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.harness import Deployment
from tests.simulated.scheduler import Fire
from windrow.lambdas.scheduler import answer
from windrow.model.records import Task
from windrow.model.ref import Ref, ScheduleRef
from windrow.model.scheduled import written

MINUTE = timedelta(minutes=1)


@dataclass
class Rings:
    """The scheduler function of a deployment, and who invokes it.

    late    how long after its time each fire comes
    copies  how often each fire comes
    lost    which fires do not come at all
    ticks   whether the tick of the template comes every five minutes
    """

    deployment: Deployment
    late: timedelta = timedelta()
    copies: int = 1
    lost: Callable[[Fire], bool] = lambda fire: False
    ticks: bool = True
    fired: list[datetime] = field(default_factory=list)

    def pass_time(self, duration: timedelta, step: timedelta = MINUTE) -> None:
        """Let time pass, step by step, with a worker for every hint."""
        clock = self.deployment.clock
        end = clock.now() + duration
        while clock.now() < end:
            before = clock.now()
            clock.advance(min(step, end - before))
            for fire in list(self._fires(before, clock.now())):
                self.fired.append(fire.planned)
                for _ in range(self.copies):
                    self.ring(fire)
            if self.ticks and before.minute // 5 != clock.now().minute // 5:
                answer(self.deployment.engine, {"schedule": "tick"})
            self.deployment.services.scheduler.complete(clock.now() - MINUTE)
            if before.minute != clock.now().minute:
                self.deployment.sweep()
            self.deployment.pump()

    def ring(self, fire: Fire) -> None:
        """Invoke the scheduler function as EventBridge Scheduler does."""
        said = fire.input.replace("<aws.scheduler.scheduled-time>", written(fire.planned))
        answer(self.deployment.engine, json.loads(said))

    def _fires(self, since: datetime, until: datetime) -> list[Fire]:
        scheduler = self.deployment.services.scheduler
        found = scheduler.fires(since - self.late, until - self.late)
        return [fire for fire in found if not self.lost(fire)]

    def runs(self, schedule: str) -> list[tuple[str, str]]:
        """What became of a schedule's planned times, the oldest first: when, and what."""
        ref = ScheduleRef("default", schedule)
        found = self.deployment.engine.schedules.runs(ref, self.deployment.clock.now(), 1_000)
        return [(written(run.planned), run.outcome) for run in reversed(found)]

    def tasks(self, schedule: str) -> list[Task]:
        """The tasks that a schedule has started, by their planned times."""
        ref = ScheduleRef("default", schedule)
        found = self.deployment.engine.schedules.runs(ref, self.deployment.clock.now(), 1_000)
        ids = [run.task for run in reversed(found) if run.task is not None]
        tasks = [self.deployment.engine.records.task(Ref("default", each)) for each in ids]
        return [task for task in tasks if task is not None]
