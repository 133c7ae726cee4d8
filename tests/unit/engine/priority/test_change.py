"""The priority of a task changes: because somebody asks, or with its age."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.harness import Deployment
from tests.unit.engine.priority.started import Overtaking, Started, queued
from windrow.engine.cancel import cancel
from windrow.engine.claim import claim
from windrow.engine.reprioritize import reprioritize
from windrow.engine.submit import submit
from windrow.errors import InvalidOption, NotFound, NotQueued
from windrow.model.priority import Mode
from windrow.model.ref import Ref
from windrow.store.ready import Order

MINUTE = timedelta(minutes=1)


def test_a_waiting_task_is_moved_to_another_priority(
    deployment: Deployment, started: Started
) -> None:
    low, middle, lifted = queued(deployment, "p1", "p5", "p1")

    moved = reprioritize(deployment.engine, Ref("default", lifted), 9)
    deployment.pump()

    assert moved.priority == 9
    assert started.ids == [lifted, middle, low]


def test_a_delayed_task_takes_its_new_priority_along(
    deployment: Deployment, started: Started
) -> None:
    later = submit(deployment.engine, "p1", delay=MINUTE).task.ref
    reprioritize(deployment.engine, later, 10)
    assert list(deployment.engine.ready.waiting("default")) == []
    deployment.clock.advance(MINUTE)
    (middle,) = queued(deployment, "p5")

    deployment.pump()

    assert started.ids == [later.task, middle]


def test_what_runs_or_has_ended_has_no_place_to_change(deployment: Deployment) -> None:
    running, ended = queued(deployment, "p5", "p5")
    claim(deployment.engine, deployment.task(running), deployment.clock.now() + MINUTE)
    cancel(deployment.engine, Ref("default", ended))

    with pytest.raises(NotQueued, match="is running"):
        reprioritize(deployment.engine, Ref("default", running), 9)
    with pytest.raises(NotQueued, match="is cancelled"):
        reprioritize(deployment.engine, Ref("default", ended), 9)
    with pytest.raises(NotFound):
        reprioritize(deployment.engine, Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E"), 9)


@pytest.mark.parametrize("priority", [0, 11, -1])
def test_a_priority_is_one_to_ten(deployment: Deployment, priority: int) -> None:
    (waiting,) = queued(deployment, "p5")

    with pytest.raises(InvalidOption, match="from 1 to 10"):
        reprioritize(deployment.engine, Ref("default", waiting), priority)


def test_a_move_that_meets_another_keeps_record_and_index_together(
    deployment: Deployment,
) -> None:
    (waiting,) = queued(deployment, "p5")
    engine, ref = deployment.engine, Ref("default", waiting)
    port = Overtaking(deployment.port, lambda: reprioritize(engine, ref, 2))
    late = replace(engine, records=replace(engine.records, aws=port))

    reprioritize(late, ref, 8)

    (entry,) = engine.ready.waiting("default")
    assert deployment.task(waiting).priority == 8
    assert entry.rank.startswith("02#")


def test_with_aging_the_lowest_priority_starts_under_a_permanent_overload(
    deployment: Deployment, started: Started
) -> None:
    order = Order(Mode.AGING)
    records = replace(deployment.engine.records, order=order)
    engine = replace(
        deployment.engine,
        records=records,
        tasks=replace(deployment.engine.tasks, records=records),
        ready=replace(deployment.engine.ready, order=order),
    )
    overloaded = replace(deployment, engine=engine)
    submit(engine, "p10")
    low = submit(engine, "p1").task.ref.task
    waited = 0
    # Two come a minute and one starts; those that come in the first nine minutes go before it.
    while low not in started.ids and waited < 25:
        submit(engine, "p10")
        submit(engine, "p10")
        deployment.clock.advance(MINUTE)
        overloaded.deliver()
        waited += 1

    assert 9 <= waited < 25
