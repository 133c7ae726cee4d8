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
family     submits two others while it runs, and ends after them
noted      is the callback of a group or a chain
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import BaseModel

from tests.simulated.invariants.step import Violation
from tests.simulated.outside import Hiccup, Mood, Outside, count, life, write_row
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
from windrow.engine.definition import Definition
from windrow.model.retry import Decision
from windrow.model.states import State

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


class Words(BaseModel):
    """The params of `wordy`."""

    text: str


MOODY = RetryPolicy(attempts=10, cap=timedelta(seconds=30), on={Mood: RetryPolicy(attempts=4)})


def registry(outside: Outside, *, limit: int | None = None) -> Registry:
    """The tasks, as they act on this outside; of each at most `limit` attempts run at once."""
    definitions = [
        *_tasks(outside),
        *_particular(outside),
        *_maps(outside),
        *_composed(outside),
    ]
    return Registry([replace(each, limit=limit or each.limit) for each in definitions])


def _tasks(outside: Outside) -> list[Definition]:
    @task("plain", retry=PATIENT, deadline=DEADLINE)
    def plain(context: Context) -> str:
        outside.ask(context, f"plain/{context.task_id}")
        write_row(context, f"plain/{life(context)}")
        return "done"

    @task("flaky", retry=PATIENT, deadline=DEADLINE)
    def flaky(context: Context) -> str:
        if outside.ask(context, f"flaky/{context.task_id}") == 1:
            raise Hiccup("It is the first time.")
        write_row(context, f"flaky/{life(context)}")
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
        write_row(context, f"slow/{life(context)}")
        return "done"

    @task("deadly", retry=PATIENT, deadline=DEADLINE)
    def deadly(context: Context) -> None:
        context.clock.sleep(DEADLINE)

    @task("stumbling", retry=PATIENT, deadline=DEADLINE)
    def stumbling(context: Context) -> str:
        if outside.ask(context, f"stumbling/{context.task_id}") == 1:
            context.clock.sleep(DEADLINE)
        write_row(context, f"stumbling/{life(context)}")
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
        write_row(context, f"asking/{life(context)}")
        return ticket

    @task("refused", retry=PATIENT, on_error=give_up, deadline=DEADLINE)
    def refused(context: Context) -> None:
        raise Hiccup("It never works.")

    @task("wordy", params=Words, retry=PATIENT, deadline=DEADLINE)
    def wordy(context: Context, words: Words) -> str:
        outside.ask(context, f"wordy/{context.task_id}")
        write_row(context, f"wordy/{life(context)}")
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
        write_row(context, f"item/{life(context)}/{item}")

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
        write_row(context, f"finish/{life(context)}")
        return outcome.succeeded

    numbers.each(each)
    groups.each(each_but_the_bad)
    for each_map in (numbers, groups, lines):
        each_map.finish()(finish)
    return [numbers, groups, lines]


def _composed(outside: Outside) -> list[Definition]:
    @task("family", retry=PATIENT, deadline=DEADLINE)
    def family(context: Context) -> str:
        context.submit("plain")
        outside.ask(context, f"family/{life(context)}")
        context.submit("counted", key="the second")
        write_row(context, f"family/{life(context)}")
        return "done"

    @task("noted", retry=PATIENT, deadline=DEADLINE)
    def noted(context: Context) -> int:
        ended = context.previous
        children = list(context.children())
        # One that began again before its callback came is read as it stands, and counts anew.
        is_over = State(ended["state"]).is_over
        succeeded = sum(child.state is State.SUCCEEDED for child in children)
        if is_over and succeeded != ended["succeeded"]:
            raise Violation(f"S9: {ended} of {children}")
        write_row(context, f"noted/{life(context)}")
        return len(children)

    return [family, noted]
