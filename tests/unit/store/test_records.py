"""The fence: a write holds only while nobody else has moved the record on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import Deployment
from windrow.aws.dynamodb import encoded, expression
from windrow.engine.submit import submit
from windrow.errors import Fenced
from windrow.model.records import Group, Progress, Task
from windrow.model.states import Phase, State
from windrow.store.fence import FENCE
from windrow.store.keys import key


def task_of(deployment: Deployment) -> Task:
    return deployment.task(submit(deployment.engine, "numbers").task.ref.task)


def change(deployment: Deployment, record: Task | Group, name: str, value: Any) -> None:
    """Another writer's change of one attribute, which no fence keeps away."""
    update = expression(update=f"SET #{name} = :value", values={"value": value})
    deployment.engine.aws.call(
        "dynamodb",
        "UpdateItem",
        {"TableName": "TasksTable", "Key": encoded(key(record.ref)), **update},
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("state", "failed"), ("attempt", 7), ("owner", "somebody"), ("phase", "finish")],
)
def test_each_part_of_the_fence_keeps_a_stale_write_away(
    deployment: Deployment, name: str, value: object
) -> None:
    seen = task_of(deployment)
    change(deployment, seen, name, value)

    with pytest.raises(Fenced):
        deployment.engine.records.write(seen, replace(seen, sends=99))

    assert deployment.task(seen.ref.task).sends == 0


def test_a_closed_group_keeps_a_stale_write_away(deployment: Deployment) -> None:
    task = task_of(deployment)
    group = Group(ref=task.ref.group_at(0), pool="default", chunks=1, deadline=task.deadline)
    deployment.engine.records.create(group)
    change(deployment, group, "closed", True)

    with pytest.raises(Fenced):
        deployment.engine.records.write(group, replace(group, sends=99))


def test_a_claim_takes_a_task_out_of_the_index_that_another_worker_put_it_into(
    deployment: Deployment,
) -> None:
    """The two meet: one has read a task whose time had just come, the other lists it before."""
    task = task_of(deployment)
    early = replace(task, not_before=task.queued + timedelta(seconds=1))
    seen = deployment.engine.records.write(task, early)
    deployment.engine.records.write(seen, replace(seen, queued=seen.not_before))

    owned = replace(seen, state=State.RUNNING, attempt=1, owner="a worker")
    deployment.engine.records.write(seen, owned)

    assert list(deployment.engine.ready.waiting("default")) == []


def test_a_claim_forgets_a_hint_that_the_sweeper_has_just_counted(deployment: Deployment) -> None:
    """Or else the first hint after the death of this attempt would come a minute or two late."""
    seen = task_of(deployment)
    deployment.engine.records.write(seen, replace(seen, sends=1))

    owned = replace(seen, state=State.RUNNING, attempt=1, owner="a worker")
    deployment.engine.records.write(seen, owned)

    assert deployment.task(seen.ref.task).sends == 0


def test_every_part_of_the_fence_is_tested_here() -> None:
    assert set(FENCE) == {"state", "attempt", "owner", "phase", "closed", "round"}


def test_a_write_to_a_record_that_is_gone_creates_nothing(deployment: Deployment) -> None:
    task = task_of(deployment)
    gone = replace(task, ref=replace(task.ref, task="01JD8Z6N5K3Q4R7T9V2X0Y1W8E"))

    with pytest.raises(Fenced):
        deployment.engine.records.write(gone, replace(gone, sends=1))

    assert deployment.engine.records.task(gone.ref) is None


def test_progress_never_falls(deployment: Deployment) -> None:
    task = task_of(deployment)
    running = replace(task, state=State.RUNNING, phase=Phase.CHUNKS, progress=Progress(250))
    deployment.engine.records.write(task, running)

    grown = deployment.engine.records.advance(task, Progress(250, succeeded=100))
    fallen = deployment.engine.records.advance(task, Progress(250, succeeded=50))

    assert (grown, fallen) == (True, False)
    assert deployment.task(task.ref.task).progress.succeeded == 100


def test_what_was_counted_before_a_map_began_again_is_void(deployment: Deployment) -> None:
    task = task_of(deployment)
    running = replace(task, state=State.RUNNING, phase=Phase.CHUNKS, progress=Progress(250))
    again = replace(running, round=1)
    deployment.engine.records.write(task, again)

    of_before = deployment.engine.records.advance(running, Progress(250, cancelled=250))
    of_now = deployment.engine.records.advance(again, Progress(250, cancelled=50))

    assert (of_before, of_now) == (False, True)
    assert deployment.task(task.ref.task).progress.cancelled == 50


def test_a_lock_is_released_as_its_task_ends_and_expires_with_it(deployment: Deployment) -> None:
    task = task_of(deployment)
    deployment.pump()

    ended = deployment.task(task.ref.task)
    before = deployment.port.count("TransactWriteItems")
    deployment.clock.advance(timedelta(seconds=1))
    submit(deployment.engine, "numbers")

    assert ended.expires is not None
    assert deployment.port.count("TransactWriteItems") == before + 1, "taken at the first try"
