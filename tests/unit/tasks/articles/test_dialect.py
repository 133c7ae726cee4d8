"""Seed 001's words for a task in each state it can be in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tasks.articles.dialect import render
from windrow.model.records import Failure, Task
from windrow.model.ref import Ref
from windrow.model.states import State

CREATED = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
LATER = CREATED + timedelta(seconds=25)
TASK = Task(
    ref=Ref("default", "abc-123"),
    name="articles.extract",
    pool="articles",
    owner="o",
    created=CREATED,
    queued=CREATED,
    not_before=CREATED,
    deadline=CREATED + timedelta(days=1),
)
SHOWN = {"task_id": "abc-123", "type": "article_extract", "created_at": "2024-01-15T10:30:00"}
ENDED = {"completed_at": "2024-01-15T10:30:25"}
OVER = replace(TASK, ended=LATER)


@pytest.mark.parametrize(
    ("task", "shown"),
    [
        (TASK, {"status": "pending"}),
        (replace(TASK, state=State.RUNNING), {"status": "in_progress"}),
        (
            replace(
                OVER,
                state=State.SUCCEEDED,
                result='{"new_words":8}',
                result_expires=LATER + timedelta(days=1),
            ),
            {"status": "completed", "result": {"new_words": 8}, **ENDED},
        ),
        (
            replace(OVER, state=State.SUCCEEDED, result='{"new_words":8}', result_expires=LATER),
            {"status": "completed", **ENDED},
        ),
        (
            replace(
                OVER,
                state=State.FAILED,
                error=Failure("NotFetched", "Could not fetch article: 403 Forbidden"),
            ),
            {"status": "failed", "error": "Could not fetch article: 403 Forbidden", **ENDED},
        ),
        (
            replace(OVER, state=State.FAILED, error=Failure("ServiceError", "table X is no table")),
            {"status": "failed", "error": "Extraction failed (ServiceError)", **ENDED},
        ),
        (
            replace(OVER, state=State.CANCELLED),
            {"status": "failed", "error": "Cancelled", **ENDED},
        ),
    ],
    ids=["queued", "running", "succeeded", "no result any more", "failed", "ours", "cancelled"],
)
def test_a_task_is_shown_as_the_seed_shows_it(task: Task, shown: dict[str, object]) -> None:
    assert render(task, LATER) == SHOWN | shown
