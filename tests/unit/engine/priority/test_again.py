"""What was retried, delayed or crashed takes its place among those that wait."""

from datetime import timedelta

from tests.harness import Deployment
from tests.unit.engine.priority.started import Started, queued
from windrow.engine.claim import claim
from windrow.engine.submit import submit
from windrow.model.states import State

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def test_a_retry_that_something_outranks_waits_in_the_index(
    deployment: Deployment, started: Started
) -> None:
    (low,) = queued(deployment, "stumbles")
    started.failing = {low}
    deployment.pump()
    waiting = deployment.task(low)
    assert waiting.state is State.QUEUED
    deployment.clock.advance(waiting.not_before - deployment.clock.now() + 3 * SECOND)
    high, higher = queued(deployment, "p9", "p10")
    started.ids.clear()

    deployment.pump()

    assert started.ids == [higher, high, low]


def test_a_retry_that_is_the_best_is_claimed_with_one_write(
    deployment: Deployment, started: Started
) -> None:
    (low,) = queued(deployment, "stumbles")
    started.failing = {low}
    deployment.pump()
    deployment.clock.advance(deployment.task(low).not_before - deployment.clock.now() + SECOND)
    deployment.port.calls.clear()

    deployment.pump()

    assert deployment.task(low).state is State.SUCCEEDED
    assert deployment.port.count("UpdateItem") == 2


def test_a_crashed_attempt_that_something_outranks_waits_its_turn(
    deployment: Deployment, started: Started
) -> None:
    (low,) = queued(deployment, "p1")
    assert claim(deployment.engine, deployment.task(low), deployment.clock.now())
    deployment.clock.advance(MINUTE)
    (high,) = queued(deployment, "p9")

    deployment.pump()

    assert started.ids == [high, low]
    assert deployment.task(low).crashes == 1
    assert deployment.task(low).attempt == 2


def test_a_delayed_task_goes_first_once_the_sweeper_has_met_its_time(
    deployment: Deployment, started: Started
) -> None:
    low = queued(deployment, *["p1"] * 5)[0]
    late = submit(deployment.engine, "p10", delay=SECOND).task.ref.task
    deployment.clock.advance(2 * SECOND)

    deployment.sweep()
    hints = len(deployment.hints.messages)
    deployment.deliver()
    deployment.deliver()

    assert started.ids == [late, low], "the hint at the front of the queue found it"
    assert hints == 6, "its own hint is on its way, and no other is sent"


def test_a_retried_task_goes_first_once_the_sweeper_has_met_its_time(
    deployment: Deployment, started: Started
) -> None:
    urgent = submit(deployment.engine, "p10").task.ref.task
    started.failing = {urgent}
    deployment.pump()
    deployment.hints.lose()
    queued(deployment, *["p1"] * 5)
    started.ids.clear()

    deployment.sweep()
    deployment.deliver()

    assert started.ids == [urgent]


def test_a_crashed_task_goes_first_once_the_sweeper_has_met_its_lease(
    deployment: Deployment, started: Started
) -> None:
    (urgent,) = queued(deployment, "p10")
    assert claim(deployment.engine, deployment.task(urgent), deployment.clock.now() + 5 * SECOND)
    deployment.hints.lose()
    deployment.clock.advance(MINUTE)
    queued(deployment, *["p1"] * 5)

    deployment.sweep()
    deployment.deliver()

    assert started.ids == [urgent]
    assert deployment.task(urgent).crashes == 1
    assert deployment.task(urgent).attempt == 2


def test_a_task_that_crashed_too_often_is_not_begun_again_by_the_sweeper(
    deployment: Deployment, started: Started
) -> None:
    (doomed,) = queued(deployment, "p5")
    deployment.hints.lose()
    for _ in range(6):
        until = deployment.clock.now() + SECOND
        assert claim(deployment.engine, deployment.task(doomed), until)
        deployment.clock.advance(2 * MINUTE)
        deployment.sweep()
        deployment.hints.lose()

    deployment.run_for(5 * MINUTE)

    ended = deployment.task(doomed)
    assert (ended.state, ended.attempt) == (State.FAILED, 6)
    assert started.ids == []


def test_the_lost_hint_of_a_delayed_task_is_sent_again_within_two_minutes(
    deployment: Deployment, started: Started
) -> None:
    late = submit(deployment.engine, "p5", delay=SECOND).task.ref.task
    deployment.hints.lose()

    for _ in range(2):
        deployment.clock.advance(MINUTE)
        deployment.sweep()
    deployment.pump()

    assert started.ids == [late]


def test_a_task_whose_deadline_has_passed_makes_room_for_the_next(
    deployment: Deployment, started: Started
) -> None:
    (late,) = queued(deployment, "p9")
    deployment.clock.advance(2 * timedelta(days=1))
    (fresh,) = queued(deployment, "p1")
    deployment.hints.messages.pop()

    deployment.pump()

    assert deployment.task(late).state is State.FAILED
    assert started.ids == [fresh]
