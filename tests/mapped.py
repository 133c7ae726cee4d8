"""A map for the tests whose plan is the test's own, and what it did to the world outside."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.harness import Deployment
from windrow import Context, Outcome, Registry, RetryPolicy, task
from windrow.engine.submit import submit
from windrow.model.records import Task
from windrow.model.states import State

MINUTE = timedelta(minutes=1)
KEY = "items/default/numbers.jsonl"

type Plan = Callable[[Context], Any]


class Outside:
    """What the chunks did."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.finished: list[Outcome] = []


def mapped(outside: Outside, plan: Plan, chunk_size: int = 2) -> Registry:
    """The map `big` over what `plan` returns."""
    declare = task.map("big", chunk_size=chunk_size, retry=RetryPolicy(attempts=2))
    definition = declare(plan)

    @definition.each
    def each(context: Context, item: Any) -> None:
        outside.done.append(item)

    @definition.finish()
    def finish(context: Context, outcome: Outcome) -> int:
        outside.finished.append(outcome)
        return outcome.succeeded

    return Registry([definition])


def start(deployment: Deployment) -> str:
    return submit(deployment.engine, "big").task.ref.task


def ended(deployment: Deployment, minutes: int = 30) -> Task:
    """The map when all is over."""
    task_id = start(deployment)
    deployment.pump()
    deployment.run_for(minutes * MINUTE)
    return deployment.task(task_id)


def put(deployment: Deployment, body: bytes) -> None:
    deployment.engine.bucket.put(KEY, body, "application/jsonl")


def reason(record: Task) -> str:
    assert record.state is State.FAILED
    assert record.error is not None
    return record.error.message
