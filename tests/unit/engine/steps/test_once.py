"""What a task does once: its answer is kept, and the next attempt is given it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.harness import deploy
from tests.unit.engine.steps.account import once_in_three_attempts, submitted
from windrow import Context, Registry, RetryPolicy, task
from windrow.model.states import State

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def test_a_step_that_was_done_is_not_called_again() -> None:
    charge, calls = once_in_three_attempts()
    with deploy(Registry([charge])) as deployment:
        task_id = submitted(deployment, charge)

        deployment.run_for(HOUR)

        ended = deployment.task(task_id)
        assert (ended.state, ended.attempt, ended.result) == (State.SUCCEEDED, 3, '{"id":1}')
        assert calls == [1]


def test_a_worker_that_dies_before_the_answer_is_kept_leaves_the_step_to_be_called_again() -> None:
    charge, calls = once_in_three_attempts()
    with deploy(Registry([charge])) as deployment:
        deployment.port.plan("killed before", "TransactWriteItems")
        task_id = submitted(deployment, charge)

        deployment.run_for(HOUR)

        assert deployment.task(task_id).state is State.SUCCEEDED
        assert calls == [1, 2]


@pytest.mark.parametrize("effect", ["killed after", "answer lost", "answer never came", "refused"])
def test_a_step_whose_answer_is_kept_is_called_once(effect: str) -> None:
    charge, calls = once_in_three_attempts()
    with deploy(Registry([charge])) as deployment:
        deployment.port.plan(effect, "TransactWriteItems")
        task_id = submitted(deployment, charge)

        deployment.run_for(HOUR)

        assert deployment.task(task_id).state is State.SUCCEEDED
        assert calls == ([1, 2] if effect == "refused" else [1])


def test_the_first_attempt_gets_the_same_answer_as_the_next_ones() -> None:
    answers: list[object] = []

    @task("pair")
    def pair(context: Context) -> None:
        answers.append(context.once("pair", lambda: (1, {2: "two"})))
        answers.append(context.once("pair", lambda: (3, {})))

    with deploy(Registry([pair])) as deployment:
        submitted(deployment, pair)
        deployment.pump()

        assert answers == [[1, {"2": "two"}]] * 2


def test_a_step_that_fails_is_not_done() -> None:
    @task("charge", retry=RetryPolicy(base=SECOND))
    def charge(context: Context) -> int:
        def fail_first() -> int:
            if context.attempt == 1:
                raise OSError("down")
            return context.attempt

        return context.once("charge", fail_first)

    with deploy(Registry([charge])) as deployment:
        task_id = submitted(deployment, charge)
        deployment.run_for(HOUR)

        assert deployment.task(task_id).result == "2"


def test_a_coroutine_function_is_no_step() -> None:
    async def later() -> int:
        return 1

    @task("charge")
    async def charge(context: Context) -> Any:
        coroutine = None

        def start() -> Any:
            nonlocal coroutine
            coroutine = later()
            return coroutine

        try:
            return context.once("charge", start)
        finally:
            if coroutine is not None:
                coroutine.close()

    with deploy(Registry([charge])) as deployment:
        task_id = submitted(deployment, charge)
        deployment.pump()

        error = deployment.task(task_id).error
        assert error is not None
        assert "once() takes a plain function" in error.message
