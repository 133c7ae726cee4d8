"""The tasks of simulated lives: what they do outside can be counted exactly, and how they must end.

plain      does one thing
flaky      fails when it is first asked to, and then no more
hopeless   fails whenever it is asked to
numbers    a map of five items in three chunks, which no two at once may run
groups     a map of seven chunks in several groups (see sizes.py), one of which is hopeless
lines      a map over an object that lies in the bucket already, whose chunks are done as a whole
asking     two at once in the pool `long`: gets a ticket once, asks for time, and has moods
refused    fails with what its hook gives up at once
wordy      params and a result that are too large for a record
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from pydantic import BaseModel

from tests.simulated.invariants.step import Violation
from windrow import (
    GIVE_UP,
    Context,
    JsonLines,
    Outcome,
    Registry,
    Retry,
    RetryPolicy,
    task,
)
from windrow.aws.dynamodb import encoded, expression
from windrow.aws.errors import ConditionFailed
from windrow.engine.definition import Definition
from windrow.model.retry import Decision

DEADLINE = timedelta(hours=6)
PATIENT = RetryPolicy(attempts=10, cap=timedelta(seconds=30))
IMPATIENT = RetryPolicy(attempts=2, base=timedelta(seconds=1), cap=timedelta(seconds=1))
SHORT = timedelta(seconds=20)
NEARLY = timedelta(seconds=50)
STEPS, STEP = 3, timedelta(seconds=28)


@dataclass(frozen=True, slots=True)
class Shape:
    """A map's items are the numbers below `items`; the `bad` ones fail whenever they are tried."""

    items: int
    bad: frozenset[int] = frozenset()


SHAPES = {"numbers": Shape(5), "groups": Shape(14, bad=frozenset({4})), "lines": Shape(5)}
# What a result of `wordy` is made of: longer than what a record holds (see sizes.py).
WORDS = "word " * 100


class Hiccup(Exception):
    """What an upstream does now and then."""


class Mood(Exception):
    """What a task may fail with twice, and no more."""


class Words(BaseModel):
    """The params of `wordy`."""

    text: str


MOODY = RetryPolicy(attempts=10, cap=timedelta(seconds=30), on={Mood: RetryPolicy(attempts=4)})


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
    # The answer of each step that was made with `once`, as its task was told it first.
    answers: dict[tuple[str, datetime], Any] = field(default_factory=dict)

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

    def once(self, context: Context, what: str) -> int:
        """Ask for something in a step whose answer is kept. Raises Hiccup."""
        answer: int = context.once(what, lambda: self.ask(context, f"{what}/{context.task_id}"))
        first = self.answers.setdefault((f"{what}/{context.task_id}", context.created), answer)
        if first != answer:
            raise Violation(f"S4: {what} of {context.task_id} was {first}, and then {answer}")
        return answer


def registry(outside: Outside, *, limit: int | None = None) -> Registry:
    """The tasks, as they act on this outside; of each at most `limit` attempts run at once."""
    definitions = [*_tasks(outside), *_particular(outside), *_maps(outside)]
    return Registry([replace(each, limit=limit or each.limit) for each in definitions])


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


def _particular(outside: Outside) -> list[Definition]:
    def hook(_context: Context, error: BaseException) -> timedelta | None:
        return SHORT if isinstance(error, Hiccup) else None

    def give_up(_context: Context, _error: BaseException) -> Decision:
        return GIVE_UP

    @task(
        "asking",
        pool="long",
        limit=2,
        retry=MOODY,
        on_error=hook,
        deadline=DEADLINE,
        keep_result=SHORT,
    )
    def asking(context: Context) -> int:
        ticket = outside.once(context, "ticket")
        times = outside.ask(context, f"asking/{context.task_id}")
        if times == 1:
            raise Retry("Later.", after=SHORT)
        if times == 2 or times % 5 == 0:
            raise Mood("Not now.")
        write_row(context, f"asking/{context.task_id}")
        return ticket

    @task("refused", retry=PATIENT, on_error=give_up, deadline=DEADLINE)
    def refused(context: Context) -> None:
        raise Hiccup("It never works.")

    @task("wordy", params=Words, retry=PATIENT, deadline=DEADLINE)
    def wordy(context: Context, words: Words) -> str:
        outside.ask(context, f"wordy/{context.task_id}")
        write_row(context, f"wordy/{context.task_id}")
        return words.text * 2

    return [asking, refused, wordy]


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

    @task.map("lines", chunk_size=2, retry=PATIENT, deadline=DEADLINE)
    def lines(context: Context) -> JsonLines:
        return JsonLines(f"items/{context.tenant}/lines")

    @lines.chunk
    def whole(context: Context, items: list[int]) -> None:
        for item in items:
            each(context, item)

    def finish(context: Context, outcome: Outcome) -> int:
        write_row(context, f"finish/{context.task_id}")
        return outcome.succeeded

    numbers.each(each)
    groups.each(each_but_the_bad)
    for each_map in (numbers, groups, lines):
        each_map.finish()(finish)
    return [numbers, groups, lines]
