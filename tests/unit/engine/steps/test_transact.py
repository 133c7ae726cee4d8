"""Writes of a task that happen exactly once, with the step that they are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import deploy
from tests.unit.engine.steps.account import EFFECTS, balance, deposit, paying, submitted
from windrow import Context, Registry, RetryPolicy, WriteRefused, task
from windrow.aws.dynamodb import encoded
from windrow.model.states import State

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("skip", range(5))
def test_a_deposit_is_made_exactly_once_whichever_call_is_cut_off(effect: str, skip: int) -> None:
    pay = paying()
    with deploy(Registry([pay])) as deployment:
        task_id = submitted(deployment, pay)
        deployment.port.plan(effect, "", skip=skip)

        deployment.run_for(HOUR)

        assert deployment.task(task_id).state is State.SUCCEEDED
        assert balance(deployment) == 100


@pytest.mark.parametrize("first", EFFECTS)
@pytest.mark.parametrize("second", EFFECTS)
def test_a_deposit_is_made_exactly_once_though_two_attempts_are_cut_off(
    first: str, second: str
) -> None:
    pay = paying()
    with deploy(Registry([pay])) as deployment:
        task_id = submitted(deployment, pay)
        deployment.port.plan(first, "TransactWriteItems")
        deployment.port.plan(second, "TransactWriteItems")

        deployment.run_for(HOUR)

        assert deployment.task(task_id).state is State.SUCCEEDED
        assert balance(deployment) == 100


def test_a_later_attempt_is_told_that_the_writes_were_made() -> None:
    def fail_first(context: Context) -> None:
        if context.attempt == 1:
            raise OSError("down")

    pay = paying(fail_first)
    with deploy(Registry([pay])) as deployment:
        task_id = submitted(deployment, pay)
        deployment.run_for(HOUR)

        assert deployment.task(task_id).result == "false"
        assert balance(deployment) == 100


def test_whoever_was_overtaken_writes_nothing() -> None:
    @task("pay", timeout=20 * SECOND)
    def pay(context: Context) -> None:
        if context.attempt == 1:
            deployment.run_for(3 * MINUTE)
            context.transact("late", [deposit(1)])
        else:
            context.transact("in time", [deposit(100)])

    with deploy(Registry([pay])) as deployment:
        task_id = submitted(deployment, pay)
        deployment.pump()

        assert deployment.task(task_id).attempt == 2
        assert balance(deployment) == 100


def test_a_write_whose_condition_fails_comes_back_with_its_index() -> None:
    seen = []

    @task("pay")
    def pay(context: Context) -> bool:
        enough = deposit(-50, condition="#balance >= :amount")
        try:
            context.transact("pay", [deposit_elsewhere(), enough])
        except WriteRefused as error:
            seen.append((error.index, error.code))
        return context.transact("pay", [deposit(100)])

    def deposit_elsewhere() -> dict[str, Any]:
        put = {"TableName": "ApplicationTable", "Item": encoded({"PK": "other", "SK": "ROW"})}
        return {"Put": put}

    with deploy(Registry([pay])) as deployment:
        task_id = submitted(deployment, pay)
        deployment.pump()

        assert seen == [(1, "ConditionalCheckFailed")]
        assert deployment.task(task_id).result == "true", "a step that was refused is not done"
        assert balance(deployment) == 100


def test_a_refused_write_that_nobody_catches_fails_the_task_at_once() -> None:
    @task("pay")
    def pay(context: Context) -> None:
        context.transact("pay", [deposit(-50, condition="attribute_exists(#PK)")])

    with deploy(Registry([pay])) as deployment:
        task_id = submitted(deployment, pay)
        deployment.pump()

        ended = deployment.task(task_id)
        assert (ended.state, ended.attempt) == (State.FAILED, 1)
        assert ended.error is not None
        assert ended.error.message == ("Step 'pay': write 0 was refused: ConditionalCheckFailed.")


def failed_with(action: Callable[[Context], object]) -> str:
    """What a task that does this fails with."""

    @task("odd", retry=RetryPolicy(attempts=1))
    def odd(context: Context) -> None:
        action(context)

    with deploy(Registry([odd])) as deployment:
        task_id = submitted(deployment, odd)
        deployment.pump()
        error = deployment.task(task_id).error
        assert error is not None
        return error.message


def test_more_writes_than_a_transaction_holds_are_refused() -> None:
    message = failed_with(lambda context: context.transact("many", [deposit(1)] * 99))

    assert message == "Step 'many' has 99 writes; a transaction holds 98."


def test_ninety_eight_writes_are_made() -> None:
    @task("many")
    def many(context: Context) -> bool:
        rows = [encoded({"PK": f"row/{number}", "SK": "ROW"}) for number in range(98)]
        writes = [{"Put": {"TableName": "ApplicationTable", "Item": row}} for row in rows]
        return context.transact("many", writes)

    with deploy(Registry([many])) as deployment:
        task_id = submitted(deployment, many)
        deployment.pump()

        assert deployment.task(task_id).result == "true"


def test_a_name_that_is_used_twice_in_one_attempt_is_refused() -> None:
    def twice(context: Context) -> None:
        context.transact("deposit", [deposit(1)])
        context.transact("deposit", [deposit(2)])

    assert "needs a name of its own" in failed_with(twice)


@pytest.mark.parametrize("name", ["", "x" * 201, 7])
def test_a_name_that_no_key_can_hold_is_refused(name: Any) -> None:
    assert "name of 1 to 200 characters" in failed_with(lambda context: context.transact(name, []))
