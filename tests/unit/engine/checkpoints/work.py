"""Long work: steps that take a while, with a cursor after each."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.harness import Deployment
from windrow import Context, task
from windrow.engine.definition import Definition
from windrow.engine.submit import submit

SECOND = timedelta(seconds=1)


@dataclass
class Work:
    """A hundred steps of 7 s each, in invocations of a minute."""

    deployment: Deployment | None = None
    done: list[int] = field(default_factory=list)
    cleaned: int = 0

    def do(self, number: int) -> None:
        assert self.deployment is not None
        self.deployment.clock.advance(7 * SECOND)
        self.done.append(number)


def long(work: Work, **options: Any) -> Definition:
    @task("long", **options)
    def walk(context: Context) -> int:
        try:
            for number in range(context.cursor or 0, 100):
                work.do(number)
                try:
                    context.checkpoint(number + 1)
                except Exception as error:
                    raise AssertionError("an author cannot swallow the end") from error
        finally:
            work.cleaned += 1
        return len(work.done)

    return walk


def start(deployment: Deployment, work: Work) -> str:
    work.deployment = deployment
    return submit(deployment.engine, "long").task.ref.task


def live(deployment: Deployment, duration: timedelta) -> None:
    """Workers with a minute each, and the sweeper."""
    deployment.run_for(duration, tick=20 * SECOND)
