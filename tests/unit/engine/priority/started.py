"""Tasks of several priorities, and the order in which they start."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from tests.harness import Deployment
from windrow import Context, Registry, RetryPolicy, task
from windrow.aws.port import AWS, Answer, Parameters
from windrow.engine.submit import submit

SECOND = timedelta(seconds=1)


class Hiccup(Exception):
    """What passes."""


@dataclass
class Started:
    """The ids of tasks in the order in which they started, and those that fail once."""

    ids: list[str] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)

    def note(self, context: Context) -> None:
        self.ids.append(context.task_id)
        if context.task_id in self.failing:
            self.failing.discard(context.task_id)
            raise Hiccup


def registry(started: Started) -> Registry:
    """Tasks of four priorities, in two pools."""
    definitions = [
        task(f"p{priority}", priority=priority)(started.note) for priority in (1, 5, 9, 10)
    ]
    retry = RetryPolicy(base=10 * SECOND)
    slow = task("slow", priority=5, pool="long")(started.note)
    return Registry([*definitions, slow, task("stumbles", priority=1, retry=retry)(started.note)])


def queued(deployment: Deployment, *names: str, tenant: str = "default") -> list[str]:
    """Submit tasks three seconds apart, which is more than any two count as equals."""
    ids = []
    for name in names:
        ids.append(submit(deployment.engine, name, tenant=tenant).task.ref.task)
        deployment.clock.advance(3 * SECOND)
    return ids


@dataclass
class Overtaking:
    """A port on which another worker is faster with the next claim."""

    inner: AWS
    faster: Callable[[], object] | None

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        if operation == "UpdateItem" and self.faster is not None:
            faster, self.faster = self.faster, None
            faster()
        return self.inner.call(service, operation, parameters)
