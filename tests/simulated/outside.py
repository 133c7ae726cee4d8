"""The world outside of a simulated AWS: what tasks ask of it, and what they leave behind."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.simulated.invariants.step import Violation
from windrow import Context
from windrow.aws.dynamodb import encoded, expression
from windrow.aws.errors import ConditionFailed
from windrow.store.keys import milliseconds


class Hiccup(Exception):
    """What an upstream does now and then."""


class Mood(Exception):
    """What a task may fail with twice, and no more."""


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


def life_of(task: str, created: datetime) -> str:
    """A task by its id and when it was submitted: its key may be used again by another one."""
    return f"{task}@{milliseconds(created)}"


def life(context: Context) -> str:
    """The task that an attempt works for."""
    return life_of(context.task_id, context.created)


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
    row = encoded({"PK": f"{step}/{life(context)}", "SK": "ROW"})
    one_more = expression(update="ADD #count :one", values={"one": 1})
    update = {"TableName": "ApplicationTable", "Key": row, **one_more}
    context.transact(step, [{"Update": update}])
