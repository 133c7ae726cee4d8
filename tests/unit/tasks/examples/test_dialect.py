"""Seed 002's words for each state of a task."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tasks.examples import dialect
from tasks.examples.names import CALCULATION
from tests.clock import EPOCH
from windrow.model.records import Failure, Progress, Task
from windrow.model.ref import Ref
from windrow.model.states import State

LATER = EPOCH + timedelta(minutes=5)
TASK = Task(
    ref=Ref("default", "T1"),
    pool="default",
    name=CALCULATION,
    created=EPOCH,
    queued=EPOCH,
    not_before=EPOCH,
    deadline=EPOCH + timedelta(days=1),
)
RUNNING = replace(TASK, state=State.RUNNING, started=EPOCH)
DONE = replace(
    TASK,
    state=State.SUCCEEDED,
    started=EPOCH,
    ended=LATER,
    result='{"result":1}',
    result_expires=LATER + timedelta(hours=24),
)
FAILED = replace(TASK, state=State.FAILED, error=Failure("ValueError", "Invalid data format"))


@pytest.mark.parametrize(
    ("task", "word", "came_to"),
    [
        (TASK, "pending", None),
        (replace(TASK, error=Failure("OSError", "once"), failures=1), "pending", None),
        (RUNNING, "running", None),
        (DONE, "completed", {"result": 1}),
        (
            replace(DONE, result=None, result_object="k"),
            "completed",
            {"url": "/v1/tasks/T1/result"},
        ),
        (replace(DONE, result="null"), "completed", None),
        (replace(DONE, result_expires=LATER), "completed", None),
        (FAILED, "failed", "ValueError: Invalid data format"),
        (replace(TASK, state=State.CANCELLED), "cancelled", None),
    ],
)
def test_a_status_says_how_a_task_stands_and_what_it_came_to(
    task: Task, word: str, came_to: Any
) -> None:
    assert dialect.status(task, LATER) == {"task_id": "T1", "status": word, "result": came_to}


@pytest.mark.parametrize(
    ("task", "percent", "step", "done"),
    [
        (TASK, 0, "Starting...", None),
        (RUNNING, 0, "Starting...", None),
        (replace(RUNNING, progress=Progress(10, 5), message="Half"), 50, "Half", "10:40:00"),
        (replace(RUNNING, progress=Progress(10, 5)), 50, "Unknown", "10:40:00"),
        (DONE, 100, "Unknown", None),
        (replace(DONE, message="Saving results..."), 100, "Saving results...", None),
        (FAILED, 0, "Unknown", None),
    ],
)
def test_progress_says_as_much_as_is_known(
    task: Task, percent: int, step: str, done: str | None
) -> None:
    found = dialect.progress(task, LATER)

    assert (found["progress_percent"], found["current_step"]) == (percent, step)
    assert found["estimated_completion"] == (done and f"2026-01-15T{done}")


@pytest.mark.parametrize("task", [None, TASK, FAILED, replace(DONE, name="other")])
def test_what_is_no_stored_calculation_has_no_result(task: Task | None) -> None:
    assert dialect.calculation(task, LATER) is None


@pytest.mark.parametrize(
    ("usual", "said"),
    [(None, "2-3 seconds"), (0.4, "0-1 seconds"), (2.6, "2-3 seconds"), (61, "61-62 seconds")],
)
def test_a_duration_lies_between_two_whole_seconds(usual: float | None, said: str) -> None:
    assert dialect.duration(None if usual is None else timedelta(seconds=usual)) == said
