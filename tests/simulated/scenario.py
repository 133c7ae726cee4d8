"""A small life for random runs: plain tasks and a map, whose effects can be counted exactly."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from windrow import Context, Outcome, Registry, RetryPolicy, task
from windrow.aws.dynamodb import encoded, expression
from windrow.aws.errors import ConditionFailed

ITEMS = 5
CHUNK_SIZE = 2
DEADLINE = timedelta(hours=6)


class Hiccup(Exception):
    """What an upstream does now and then."""


@dataclass
class Outside:
    """The world outside of AWS: how often each thing was asked for, and how badly it behaves.

    failing   how often it fails
    slow      how often it takes long: up to a minute, so that deadlines and leases run out
    """

    random: Random = field(default_factory=lambda: Random(0))
    failing: float = 0
    slow: float = 0
    done: Counter[str] = field(default_factory=Counter)

    def ask(self, context: Context, what: str) -> None:
        """Do something, which may take long. Raises Hiccup."""
        self.done[what] += 1
        if self.slow and self.random.random() < self.slow:
            context.clock.sleep(timedelta(seconds=self.random.uniform(5, 60)))
        if self.failing and self.random.random() < self.failing:
            raise Hiccup(what)


def registry(outside: Outside) -> Registry:
    """Two tasks: `plain`, and the map `numbers`, which no two at once may run."""
    retry = RetryPolicy(attempts=10, cap=timedelta(seconds=30))

    @task("plain", retry=retry, deadline=DEADLINE)
    def plain(context: Context) -> str:
        outside.ask(context, f"plain/{context.task_id}")
        write_row(context, f"plain/{context.task_id}")
        return "done"

    @task.map("numbers", chunk_size=CHUNK_SIZE, unique="numbers", retry=retry, deadline=DEADLINE)
    def numbers(context: Context) -> range:
        return range(ITEMS)

    @numbers.each
    def number(context: Context, item: int) -> None:
        outside.ask(context, f"number/{context.task_id}/{item}")
        write_row(context, f"number/{context.task_id}/{item}")

    @numbers.finish()
    def finish(context: Context, outcome: Outcome) -> int:
        write_row(context, f"finish/{context.task_id}")
        return outcome.succeeded

    return Registry([plain, numbers])


def write_row(context: Context, name: str) -> None:
    """An effect that a second time does not change."""
    put = {
        "TableName": "ApplicationTable",
        "Item": encoded({"PK": name, "SK": "ROW", "attempt": context.attempt}),
        **expression(condition="attribute_not_exists(#PK)"),
    }
    try:
        context.aws.call("dynamodb", "PutItem", put)
    except ConditionFailed:
        return
