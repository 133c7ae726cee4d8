"""A task, its lock and its slot: what is written together, and what happens between two writes."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.harness import deploy
from windrow import Context, Registry, task
from windrow.aws.dynamodb import encoded
from windrow.aws.errors import Reason
from windrow.engine.cancel import cancel
from windrow.engine.retry_again import retry_again
from windrow.engine.submit import submit
from windrow.errors import UniqueKeyHeld
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.keys import key, slot_key
from windrow.store.records import Records
from windrow.store.transactions import FAILED, Transactions

LARGE = 500_000


@task("one", unique="the one")
def one(context: Context) -> str:
    return "x" * LARGE


@task("unkeyed")
def unkeyed(context: Context) -> str:
    return "x" * LARGE


@task("limited", unique="the limited", limit=1)
def limited(context: Context) -> None: ...


def around_the_first_read(
    monkeypatch: pytest.MonkeyPatch, ref: Ref, before: Callable[[], Any], after: Callable[[], Any]
) -> None:
    """Let others act just before and just after somebody reads this task for the first time."""
    read, seen = Records.task, list[Ref]()

    def reading(self: Records, wanted: Ref) -> Task | None:
        if wanted != ref or seen:
            return read(self, wanted)
        seen.append(ref)
        before()
        found = read(self, wanted)
        after()
        return found

    monkeypatch.setattr(Records, "task", reading)


def test_a_key_is_not_taken_from_a_holder_that_has_begun_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with deploy(Registry([one])) as deployment:
        engine = deployment.engine
        holder = submit(engine, "one").task.ref
        around_the_first_read(
            monkeypatch,
            holder,
            before=lambda: cancel(engine, holder),
            after=lambda: retry_again(engine, holder),
        )

        met = submit(engine, "one")

        assert met.task.ref == holder
        assert not met.is_new
        assert engine.tasks.locks.holder("default", "the one") == holder


def test_a_key_is_not_taken_back_from_another_that_has_begun_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with deploy(Registry([one])) as deployment:
        engine = deployment.engine
        first = submit(engine, "one").task.ref
        cancel(engine, first)
        second = submit(engine, "one").task.ref
        around_the_first_read(
            monkeypatch,
            second,
            before=lambda: cancel(engine, second),
            after=lambda: retry_again(engine, second),
        )

        with pytest.raises(UniqueKeyHeld, match=second.task):
            retry_again(engine, first)

        assert deployment.task(first.task).state is State.CANCELLED
        assert deployment.task(second.task).state is State.QUEUED


def test_the_key_of_a_holder_whose_record_is_gone_is_taken_over() -> None:
    with deploy(Registry([one])) as deployment:
        engine = deployment.engine
        gone = submit(engine, "one").task
        record = {"TableName": "TasksTable", "Key": encoded(key(gone.ref))}
        engine.aws.call("dynamodb", "DeleteItem", record)

        assert submit(engine, "one").is_new


@pytest.mark.parametrize("name", ["one", "unkeyed"])
def test_a_result_that_makes_the_record_too_large_fails_the_task(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("windrow.engine.payloads.INLINE_RESULT", 2 * LARGE)
    with deploy(Registry([one, unkeyed])) as deployment:
        ref = submit(deployment.engine, name).task.ref
        deployment.pump()

        ended = deployment.task(ref.task)
        assert ended.state is State.FAILED
        assert ended.error is not None
        assert "Item size to update has exceeded the maximum allowed size" in ended.error.message
        assert deployment.port.count("TransactWriteItems") <= 3, "begin, end, end as failed"


def test_an_end_that_meets_another_writer_and_a_lost_key_still_frees_its_slot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with deploy(Registry([limited])) as deployment:
        engine = deployment.engine
        ref = submit(engine, "limited").task.ref
        write, refusals = (
            Transactions.write,
            [(Reason("None", None), Reason(FAILED, None), Reason("TransactionConflict", None))],
        )

        def refusing(self: Transactions, parts: Sequence[dict[str, Any]]) -> tuple[Reason, ...]:
            return refusals.pop() if len(parts) == 3 and refusals else write(self, parts)

        monkeypatch.setattr(Transactions, "write", refusing)
        deployment.pump()

        assert refusals == [], "the end was refused"
        assert deployment.task(ref.task).state is State.SUCCEEDED
        slot = {"TableName": "TasksTable", "Key": encoded(slot_key("limited", 0))}
        assert "holder" not in engine.aws.call("dynamodb", "GetItem", slot)["Item"]
