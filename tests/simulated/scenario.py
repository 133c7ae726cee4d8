"""The tasks of simulated lives: what they do outside can be counted exactly, and how they must end.

plain      does one thing
flaky      fails when it is first asked to, and then no more
hopeless   fails whenever it is asked to
numbers    a map of five items in three chunks, which no two at once may run
groups     a map of seven chunks in several groups (see sizes.py), one of which is hopeless
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from tests.simulated.invariants.step import Violation
from windrow import Context, Outcome, Registry, RetryPolicy, task
from windrow.aws.dynamodb import encoded, expression
from windrow.aws.errors import ConditionFailed
from windrow.engine.definition import Definition

DEADLINE = timedelta(hours=6)
PATIENT = RetryPolicy(attempts=10, cap=timedelta(seconds=30))
IMPATIENT = RetryPolicy(attempts=2, base=timedelta(seconds=1), cap=timedelta(seconds=1))
NEARLY = timedelta(seconds=50)
STEPS, STEP = 3, timedelta(seconds=28)


@dataclass(frozen=True, slots=True)
class Shape:
    """A map's items are the numbers below `items`; the `bad` ones fail whenever they are tried."""

    items: int
    bad: frozenset[int] = frozenset()


SHAPES = {"numbers": Shape(5), "groups": Shape(14, bad=frozenset({4}))}


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
    # The key by which a receiver of each thing knows it again.
    named: dict[tuple[str, datetime], str] = field(default_factory=dict)

    def ask(self, context: Context, what: str) -> int:
        """Do something, which may take long; returns the how manieth time it is. Raises Hiccup."""
        self.done[what] += 1
        key = context.idempotency_key
        # An id that is derived from a key may have another life once its record has expired.
        named = self.named.setdefault((what, context.created), key)
        if named != key:
            raise Violation(f"S5: {what} came as {named}, and then as {key}")
        if self.slow and self.random.random() < self.slow:
            context.clock.sleep(timedelta(seconds=self.random.uniform(5, 60)))
        if self.failing and self.random.random() < self.failing:
            raise Hiccup(what)
        return self.done[what]


def registry(outside: Outside, *, limit: int | None = None) -> Registry:
    """The tasks, as they act on this outside; of each at most `limit` attempts run at once."""
    definitions = [*_tasks(outside), *_maps(outside)]
    return Registry([replace(definition, limit=limit) for definition in definitions])


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


def count(context: Context, step: str) -> None:
    """An effect that a second time would change: one more, exactly once by the engine's promise."""
    row = encoded({"PK": f"{step}/{context.task_id}", "SK": "ROW"})
    one_more = expression(update="ADD #count :one", values={"one": 1})
    update = {"TableName": "ApplicationTable", "Key": row, **one_more}
    context.transact(step, [{"Update": update}])


def _tasks(outside: Outside) -> list[Definition]:
    @task("plain", retry=PATIENT, deadline=DEADLINE)
    def plain(context: Context) -> str:
        outside.ask(context, f"plain/{context.task_id}")
        write_row(context, f"plain/{context.task_id}")
        return "done"

    @task("flaky", retry=PATIENT, deadline=DEADLINE)
    def flaky(context: Context) -> str:
        if outside.ask(context, f"flaky/{context.task_id}") == 1:
            raise Hiccup("It is the first time.")
        write_row(context, f"flaky/{context.task_id}")
        return "done"

    @task("hopeless", retry=IMPATIENT, deadline=DEADLINE)
    def hopeless(context: Context) -> None:
        raise Hiccup("It never works.")

    @task("counted", retry=PATIENT, deadline=DEADLINE)
    def counted(context: Context) -> str:
        count(context, "counted")
        # Whatever goes wrong from here on makes another attempt come by the count.
        outside.ask(context, f"counted/{context.task_id}")
        return "done"

    @task("stepping", retry=PATIENT, deadline=DEADLINE)
    def stepping(context: Context) -> str:
        for step in range(context.cursor or 0, STEPS):
            outside.ask(context, f"stepping/{context.task_id}/{step}")
            context.clock.sleep(STEP)
            count(context, f"step {step}")
            context.checkpoint(step + 1)
        return "done"

    @task("slow", retry=PATIENT, deadline=DEADLINE)
    def slow(context: Context) -> str:
        context.clock.sleep(NEARLY)
        write_row(context, f"slow/{context.task_id}")
        return "done"

    @task("deadly", retry=PATIENT, deadline=DEADLINE)
    def deadly(context: Context) -> None:
        context.clock.sleep(DEADLINE)

    @task("stumbling", retry=PATIENT, deadline=DEADLINE)
    def stumbling(context: Context) -> str:
        if outside.ask(context, f"stumbling/{context.task_id}") == 1:
            context.clock.sleep(DEADLINE)
        write_row(context, f"stumbling/{context.task_id}")
        return "done"

    return [plain, flaky, hopeless, counted, stepping, slow, deadly, stumbling]


def _maps(outside: Outside) -> list[Definition]:
    @task.map("numbers", chunk_size=2, unique="numbers", retry=PATIENT, deadline=DEADLINE)
    def numbers(context: Context) -> range:
        return range(SHAPES["numbers"].items)

    @task.map("groups", chunk_size=2, retry=IMPATIENT, deadline=DEADLINE)
    def groups(context: Context) -> range:
        return range(SHAPES["groups"].items)

    def each(context: Context, item: int) -> None:
        outside.ask(context, f"item/{context.task_id}/{item}")
        write_row(context, f"item/{context.task_id}/{item}")

    def each_but_the_bad(context: Context, item: int) -> None:
        if item in SHAPES["groups"].bad:
            raise Hiccup(f"Item {item} never works.")
        each(context, item)

    def finish(context: Context, outcome: Outcome) -> int:
        write_row(context, f"finish/{context.task_id}")
        return outcome.succeeded

    numbers.each(each)
    groups.each(each_but_the_bad)
    for each_map in (numbers, groups):
        each_map.finish()(finish)
    return [numbers, groups]
