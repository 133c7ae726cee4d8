"""Mutants of what begins again because somebody asked for it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.reliability.mutants.mutant import Mutant, method, nothing, replaced
from windrow.engine import again, reopen
from windrow.engine.engine import Engine
from windrow.model.records import Chunk, Group, Task
from windrow.store.tasks import Tasks

_next = reopen._next


def _without_its_lock(tasks: Tasks, before: Task, after: Task) -> Task:
    return tasks.records.write(before, after)


def _in_any_round(_group: Group, chunk: Chunk) -> bool:
    return chunk.state.is_over


def _all_of_it(task: Task, chunk: Chunk, now: Any) -> Chunk:
    return replace(_next(task, chunk, now), left=None)


def _with_old_budgets(task: Task, chunk: Chunk, now: Any) -> Chunk:
    made = _next(task, chunk, now)
    return replace(made, failures=chunk.failures, crashes=chunk.crashes)


def _in_the_same_round(engine: Engine, task: Task, deadline: datetime, _round: int) -> Task:
    return again.begun_again(engine, task, deadline, task.round)


ROUNDS = (
    Mutant(
        "what begins again takes no lock",
        method(Tasks, "begin_again", _without_its_lock),
        ("unique map begun again",),
    ),
    Mutant(
        "what begins again is in the same round",
        replaced("windrow.engine.retry_again.begun_again", by=_in_the_same_round),
        ("begun again",),
    ),
    Mutant(
        "a map that begins again opens no group",
        replaced("windrow.engine.reopen._open", by=nothing),
        ("cancelled map begun again", "errors begun again"),
    ),
    Mutant(
        "a chunk of an earlier round counts as ended",
        replaced("windrow.engine.gather.has_ended", by=_in_any_round),
        ("cancelled map begun again, hints redriven", "errors begun again"),
    ),
    Mutant(
        "what has succeeded is done again",
        replaced("windrow.engine.reopen._next", by=_all_of_it),
        ("errors begun again",),
    ),
    Mutant(
        "what has succeeded expires before it is gathered again",
        replaced("windrow.engine.reopen._keep", by=nothing),
        ("errors begun again, parts expiring",),
    ),
)
