"""Tasks to make others of: what they do, and what was done, can be counted."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from windrow import Context, Registry, RetryPolicy, task
from windrow.model.children import Child

ONCE = RetryPolicy(attempts=1)


class Number(BaseModel):
    """What most of the tasks are given."""

    number: int


class Told(BaseModel):
    """What a callback may be given."""

    about: dict[str, Any]


class Bad(Exception):
    """What a task fails with that was told to."""


@dataclass
class Done:
    """What was done: the numbers that were started, and what callbacks were told."""

    started: list[int] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    ended: list[list[Child]] = field(default_factory=list)
    results: list[list[Any]] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)


def registry(done: Done) -> Registry:
    """double, add_one, fail_if_bad, tell, report, and the map `spread`."""

    @task("double", params=Number, retry=ONCE)
    def double(context: Context, params: Number) -> int:
        done.started.append(params.number)
        if params.number in done.bad:
            raise Bad(f"{params.number} is bad")
        return 2 * params.number

    @task("add one", retry=ONCE)
    def add_one(context: Context) -> int:
        done.started.append(context.previous)
        if context.previous in done.bad:
            raise Bad(f"{context.previous} is bad")
        return int(context.previous) + 1

    @task("tell")
    def tell(context: Context) -> None:
        done.told.append(context.previous)
        children = list(context.children())
        done.ended.append(children)
        done.results.append([context.result(child) for child in children])

    @task("report", params=Told)
    def report(context: Context, params: Told) -> None:
        done.told.append(params.about)

    @task("long words", params=Number)
    def long_words(context: Context, params: Number) -> str:
        return "word " * params.number

    @task("count words")
    def count_words(context: Context) -> int:
        return len(context.previous.split())

    @task.map("spread", chunk_size=2)
    def spread(context: Context) -> range:
        return range(5)

    @spread.each
    def each(context: Context, item: int) -> None:
        done.started.append(item)

    return Registry([double, add_one, tell, report, long_words, count_words, spread])
