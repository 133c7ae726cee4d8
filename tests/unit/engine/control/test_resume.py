"""A resume wakes what waits, as soon as every function knows of it."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.harness import Deployment
from tests.unit.engine.control.beside import deploy_beside
from windrow.aws.port import Answer, Parameters
from windrow.engine.control import drain, pause, resume
from windrow.engine.submit import submit
from windrow.model.states import State

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("paused", [3 * MINUTE, 30 * MINUTE, timedelta(hours=5)])
def test_what_waited_starts_by_itself_with_the_first_tick_after_the_resume(
    plain: Deployment, paused: timedelta
) -> None:
    pause(plain.engine)
    task_id = submit(plain.engine, "plain").task.ref.task
    plain.run_for(paused)
    resume(plain.engine)
    plain.hints.lose()

    plain.run_for(MINUTE)

    assert plain.task(task_id).state is State.SUCCEEDED


def test_a_resume_wakes_what_waits_as_soon_as_every_function_knows(
    plain: Deployment, ran: list[str]
) -> None:
    pause(plain.engine, "default")
    accepted = [submit(plain.engine, "plain").task.ref.task for _ in range(12)]
    plain.hints.lose()
    deploy_beside(plain).control.modes()

    resume(plain.engine, "default")
    assert plain.pump() == 0
    plain.clock.advance(5 * SECOND)
    plain.pump()

    assert sorted(ran) == sorted(accepted)


def test_a_busy_pool_does_not_hide_what_a_resume_wakes(
    plain: Deployment, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("windrow.engine.control.WOKEN", 3)
    pause(plain.engine, "default")
    accepted = [submit(plain.engine, "plain").task.ref.task for _ in range(2)]
    for _ in range(60):
        submit(plain.engine, "other")
    plain.hints.lose()

    resume(plain.engine, "default")
    plain.clock.advance(5 * SECOND)
    plain.pump()

    assert sorted(ran) == sorted(accepted)


def test_a_resume_looks_at_records_for_ten_seconds_at_the_most(plain: Deployment) -> None:
    pause(plain.engine, "default")
    for _ in range(300):
        submit(plain.engine, "other")
    plain.hints.lose()
    plain.port.calls.clear()
    slow = replace(plain.engine, due=replace(plain.engine.due, aws=Slow(plain)))

    resume(slow, "default")

    assert plain.port.count("BatchGetItem") == 2


@dataclass
class Slow:
    """A DynamoDB whose batches take six seconds each."""

    deployment: Deployment

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        if operation == "BatchGetItem":
            self.deployment.clock.advance(6 * SECOND)
        return self.deployment.engine.aws.call(service, operation, parameters)


def test_a_resume_that_can_wake_nobody_is_one_all_the_same(plain: Deployment) -> None:
    pause(plain.engine)
    task_id = submit(plain.engine, "plain").task.ref.task
    plain.hints.lose()
    plain.port.plan("refused", "Query")

    resume(plain.engine)
    assert plain.hints.messages == []
    plain.run_for(2 * MINUTE)

    assert plain.task(task_id).state is State.SUCCEEDED


def test_a_resume_of_what_was_not_paused_wakes_nobody(plain: Deployment) -> None:
    drain(plain.engine)
    plain.port.calls.clear()

    resume(plain.engine)

    assert plain.port.count("Query") == 0


def test_what_had_been_hinted_at_often_starts_as_soon(plain: Deployment) -> None:
    task_id = submit(plain.engine, "plain").task.ref.task
    for _ in range(40):
        plain.clock.advance(MINUTE)
        plain.sweep()
        plain.hints.lose()
    assert plain.task(task_id).sends > 3
    pause(plain.engine)
    plain.run_for(20 * MINUTE)
    resume(plain.engine)

    plain.run_for(2 * MINUTE)

    assert plain.task(task_id).state is State.SUCCEEDED
