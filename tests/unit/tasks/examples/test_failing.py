"""Which failed attempts are followed by another, and after how long."""

from datetime import timedelta

import pytest

from tasks.examples import handled, unreliable
from tasks.examples.names import HANDLED, UNRELIABLE
from tests.harness import Deployment, deploy
from windrow import Registry
from windrow.engine.submit import submit
from windrow.model.records import Task
from windrow.model.states import State

SECOND = timedelta(seconds=1)


def run(deployment: Deployment, name: str) -> Task:
    """A task of this name at its end, its waits included."""
    task_id = submit(deployment.engine, name).task.ref.task
    deployment.pump()
    while not deployment.task(task_id).state.is_over:
        deployment.run_for(30 * SECOND, tick=SECOND)
    return deployment.task(task_id)


def test_waits_double_and_come_to_an_end() -> None:
    error = ConnectionError()

    waits = [unreliable.wait(error, failures) for failures in (1, 2, 3, 4)]

    assert waits == [5 * SECOND, 10 * SECOND, 20 * SECOND, None]


@pytest.mark.parametrize(("failing", "state"), [(0, State.SUCCEEDED), (3, State.SUCCEEDED)])
def test_an_unreliable_task_is_tried_three_times_more(
    monkeypatch: pytest.MonkeyPatch, failing: int, state: State
) -> None:
    draws = iter([0.29] * failing + [0.3])
    monkeypatch.setattr(unreliable, "draw", lambda: next(draws))

    with deploy(Registry([unreliable.unreliable])) as deployment:
        task = run(deployment, UNRELIABLE)

    assert (task.state, task.attempt) == (state, failing + 1)
    assert task.result == '{"status":"success","data":"Operation completed"}'
    assert task.ended is not None
    assert task.ended - task.created >= (0 if failing == 0 else 35) * SECOND


def test_an_unreliable_task_fails_after_the_third_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unreliable, "draw", lambda: 0.0)

    with deploy(Registry([unreliable.unreliable])) as deployment:
        task = run(deployment, UNRELIABLE)

    assert (task.state, task.attempt) == (State.FAILED, 4)
    assert task.error is not None
    assert task.error.message == "Simulated network error"


CONNECTION, DATA, UNKNOWN, NONE = handled.ERRORS


@pytest.mark.parametrize(
    ("errors", "state", "reason"),
    [
        ([NONE], State.SUCCEEDED, None),
        ([CONNECTION] * 5 + [NONE], State.SUCCEEDED, None),
        ([DATA], State.FAILED, "ValueError"),
        ([UNKNOWN, NONE], State.SUCCEEDED, None),
        ([UNKNOWN, UNKNOWN], State.FAILED, "RuntimeError"),
        ([CONNECTION, UNKNOWN], State.FAILED, "RuntimeError"),
    ],
    ids=["success", "connections", "data", "unknown once", "unknown twice", "both"],
)
def test_errors_are_handled_by_their_kind(
    monkeypatch: pytest.MonkeyPatch,
    errors: list[Exception | None],
    state: State,
    reason: str | None,
) -> None:
    left = iter(errors)
    monkeypatch.setattr(handled, "choose", lambda _errors: next(left))

    with deploy(Registry([handled.handle_errors])) as deployment:
        task = run(deployment, HANDLED)

    assert (task.state, task.attempt) == (state, len(errors))
    assert (task.error.kind if task.error else None) == reason
