"""Mutants of what lets a record start, how often, and how it ends."""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from tests.reliability.mutants.mutant import Mutant, method, never, replaced
from windrow.engine import settle
from windrow.engine.engine import Engine
from windrow.model.records import Task
from windrow.model.states import State


def _uncounted_failures() -> AbstractContextManager[object]:
    whole = settle._requeue

    def requeue(engine: Engine, before: Any, record: Any, delay: Any) -> None:
        whole(engine, before, replace(record, failures=before.failures), delay)

    return patch("windrow.engine.settle._requeue", requeue)


def _fails_for_good(engine: Engine, record: Any, _failure: object) -> None:
    settle.end(engine, record, State.SUCCEEDED)


BUDGETS = (
    Mutant(
        "deaths have no budget",
        replaced(
            "windrow.engine.claim.CRASH_BUDGET", "windrow.engine.settle.CRASH_BUDGET", by=1000
        ),
        ("deadly",),
    ),
    Mutant(
        "a claim gives nothing up",
        replaced("windrow.engine.claim.is_given_up", "windrow.engine.choose.is_given_up", by=never),
        ("deadly",),
    ),
    Mutant(
        "a task starts when its time in the queue is up",
        method(Task, "is_too_late", never),
        ("not in time",),
    ),
    Mutant("failures are not counted", _uncounted_failures, ("given up",)),
    Mutant(
        "a task that has failed succeeds",
        replaced("windrow.engine.settle.fail", by=_fails_for_good),
        ("given up",),
    ),
    Mutant(
        "an attempt starts before its time",
        replaced("windrow.engine.claim.is_early", "windrow.engine.run.is_early", by=never),
        ("retried, hints doubled", "delayed"),
    ),
    Mutant(
        "a request to cancel is overlooked",
        replaced("windrow.store.records.yields_to_cancel", by=never),
        ("cancelled while it runs", "cancelled retry", "cancelled map"),
    ),
)
