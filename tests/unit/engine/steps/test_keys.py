"""The keys and the lives of steps, and the ids that a task's lines carry."""

from datetime import timedelta

import pytest

from tests.harness import deploy
from tests.unit.engine.steps.account import balance, deposit, paying, row, submitted
from windrow import Context, Registry, RetryPolicy, task
from windrow.aws.dynamodb import decoded
from windrow.engine.submit import submit
from windrow.model.states import State

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


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
