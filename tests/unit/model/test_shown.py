"""A task as people see it: what its phases and retries do inside is not shown as something else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.clock import EPOCH
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.shown import shown
from windrow.model.states import Phase, State

MINUTE = timedelta(minutes=1)
TASK = Task(
    ref=Ref("default", "01KF0Q5M00E4Q8V0J8Z1X2Y3W4"),
    name="countries.refresh",
    pool="default",
    created=EPOCH,
    queued=EPOCH,
    not_before=EPOCH,
    deadline=EPOCH + timedelta(days=1),
)
RUNNING = replace(TASK, state=State.RUNNING, attempt=1, started=EPOCH)


def test_a_map_that_was_planned_and_finished_was_tried_once() -> None:
    finished = replace(
        RUNNING,
        state=State.SUCCEEDED,
        phase=Phase.FINISH,
        attempt=2,
        not_before=EPOCH + MINUTE,
        ended=EPOCH + 2 * MINUTE,
    )

    seen = shown(finished, EPOCH)

    assert seen["attempts"] == 1
    assert "not_before" not in seen
    assert shown(replace(finished, attempt=4, failures=1), EPOCH)["attempts"] == 2


def test_a_plain_task_was_tried_as_often_as_it_was_started() -> None:
    assert shown(replace(RUNNING, attempt=3, failures=2), EPOCH)["attempts"] == 3


@pytest.mark.parametrize(
    ("task", "is_shown"),
    [
        (replace(TASK, not_before=EPOCH + MINUTE), True),
        (replace(RUNNING, not_before=EPOCH + MINUTE, started=EPOCH + 2 * MINUTE), True),
        (replace(RUNNING, state=State.QUEUED, not_before=EPOCH + MINUTE), True),
        (replace(RUNNING, not_before=EPOCH + MINUTE), False),
        (TASK, False),
    ],
    ids=["delayed", "begun after its delay", "waits for a retry", "tried again", "at once"],
)
def test_the_earliest_start_is_shown_where_something_waits_for_it(
    task: Task, is_shown: bool
) -> None:
    assert ("not_before" in shown(task, EPOCH)) == is_shown
