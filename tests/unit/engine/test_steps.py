"""Steps: what an earlier attempt has done is not done again, wherever that attempt was cut off."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import Deployment, deploy
from windrow import Context, Registry, RetryPolicy, WriteRefused, task
from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.engine.definition import Definition
from windrow.engine.submit import submit
from windrow.model.states import State

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ROW = {"PK": "account", "SK": "ROW"}


def deposit(amount: int, **texts: Any) -> dict[str, Any]:
    """A write that must happen once: it adds."""
    return {
        "Update": {
            "TableName": "ApplicationTable",
            "Key": encoded(ROW),
            **expression(update="ADD #balance :amount", values={"amount": amount}, **texts),
        }
    }


def balance(deployment: Deployment) -> int:
    answer = deployment.engine.aws.call(
        "dynamodb", "GetItem", {"TableName": "ApplicationTable", "Key": encoded(ROW)}
    )
    found: int = decoded(answer.get("Item", {})).get("balance", 0)
    return found


def row(deployment: Deployment, operation: str, **key: str) -> dict[str, Any]:
    """A call about one item of the table of tasks."""
    return deployment.engine.aws.call(
        "dynamodb", operation, {"TableName": "TasksTable", "Key": encoded(key)}
    )


def submitted(deployment: Deployment, definition: Definition) -> str:
    return submit(deployment.engine, definition.name).task.ref.task


def once_in_three_attempts() -> tuple[Definition, list[int]]:
    """A task whose first two attempts fail after their step."""
    calls: list[int] = []

    @task("charge", retry=RetryPolicy(attempts=3, base=SECOND))
    def charge(context: Context) -> dict[str, Any]:
        def call() -> dict[str, Any]:
            calls.append(context.attempt)
            return {"id": len(calls)}

        answer = context.once("charge", call)
        if context.attempt < 3:
            raise OSError("down")
        return answer

    return charge, calls


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


def paying(after: Callable[[Context], None] = lambda context: None) -> Definition:
    """A task that deposits 100 exactly once."""

    @task("pay", retry=RetryPolicy(base=SECOND), timeout=20 * SECOND)
    def pay(context: Context) -> bool:
        is_done_now = context.transact("deposit", [deposit(100)])
        after(context)
        return is_done_now

    return pay


EFFECTS = ["refused", "killed before", "killed after", "answer lost", "answer never came"]


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


def test_chunks_and_phases_have_steps_and_keys_of_their_own() -> None:
    done: list[tuple[str, bool]] = []
    keys: set[str] = set()

    def step(context: Context, where: str) -> None:
        done.append((where, context.transact("step", [deposit(1)])))
        keys.add(context.idempotency_key)

    @task.map("parts", chunk_size=1)
    def parts(context: Context) -> range:
        step(context, "plan")
        return range(3)

    @parts.chunk
    def part(context: Context, items: list[int]) -> None:
        step(context, "chunk")

    @parts.finish()
    def finish(context: Context, outcome: object) -> None:
        step(context, "finish")

    with deploy(Registry([parts])) as deployment:
        task_id = submitted(deployment, parts)
        deployment.pump()

        assert deployment.task(task_id).state is State.SUCCEEDED
        assert [is_done_now for _, is_done_now in done] == [True] * 5
        assert balance(deployment) == 5
        assert len(keys) == 5


def test_an_idempotency_key_is_the_same_for_all_attempts_and_another_for_each_task() -> None:
    keys: list[tuple[str, str]] = []

    @task("call", retry=RetryPolicy(attempts=3, base=SECOND))
    def call(context: Context) -> None:
        keys.append((context.task_id, context.idempotency_key))
        raise OSError("down")

    with deploy(Registry([call])) as deployment:
        for _ in range(2):
            submitted(deployment, call)
        deployment.run_for(HOUR)

        assert len(keys) == 6
        assert len(set(keys)) == 2
        assert len({key for _, key in keys}) == 2


def test_a_marker_outlives_its_record_and_no_other_life_of_the_same_id() -> None:
    pay = paying()
    with deploy(Registry([pay])) as deployment:
        first = submit(deployment.engine, "pay", key="friday").task
        deployment.pump()
        ended = deployment.task(first.ref.task)
        partition = f"K#default#{first.ref.task}"
        marker = row(deployment, "GetItem", PK=partition, SK="S#deposit")["Item"]
        row(deployment, "DeleteItem", PK=partition, SK="A")
        assert ended.expires is not None
        assert decoded(marker)["expires"] > ended.expires.timestamp()

        deployment.clock.advance(31 * 24 * HOUR)
        second = submit(deployment.engine, "pay", key="friday").task
        deployment.pump()

        assert second.ref == first.ref
        assert deployment.task(second.ref.task).result == "true"
        assert balance(deployment) == 200


def test_an_answer_is_of_one_life_of_an_id() -> None:
    calls: list[int] = []

    @task("call")
    def call(context: Context) -> int:
        def count() -> int:
            calls.append(1)
            return len(calls)

        return context.once("count", count)

    with deploy(Registry([call])) as deployment:
        first = submit(deployment.engine, "call", key="friday").task.ref
        deployment.pump()
        row(deployment, "DeleteItem", PK=f"K#default#{first.task}", SK="A")
        deployment.clock.advance(SECOND)

        second = submit(deployment.engine, "call", key="friday").task.ref
        deployment.pump()

        assert second == first
        assert deployment.task(second.task).result == "2"


def test_a_line_of_the_application_carries_the_ids(caplog: pytest.LogCaptureFixture) -> None:
    @task("talk")
    def talk(context: Context) -> None:
        context.logger.warning("hello", extra={"word": "hello"})

    with deploy(Registry([talk])) as deployment:
        task_id = submitted(deployment, talk)
        deployment.pump()

        line = vars(caplog.records[-1])
        assert (line["task"], line["attempt"], line["task_name"]) == (task_id, 1, "talk")
        assert line["word"] == "hello"
