"""When a checkpoint stops an attempt, and what it stores."""

from datetime import timedelta

import pytest

from tests.harness import deploy
from tests.unit.engine.checkpoints.work import Work, long, start
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.submit import submit
from windrow.model.states import State

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def test_at_the_tasks_own_deadline_nothing_is_continued() -> None:
    work = Work()
    with deploy(Registry([long(work, deadline=55 * SECOND)])) as deployment:
        task_id = start(deployment, work)

        deployment.pump()

        ended = deployment.task(task_id)
        assert (ended.attempt, ended.continuations) == (1, 0)


def test_a_short_attempt_keeps_half_of_its_time() -> None:
    starts = []

    @task("long", timeout=4 * SECOND)
    def walk(context: Context) -> None:
        starts.append(context.cursor or 0)
        for number in range(context.cursor or 0, 6):
            deployment.clock.advance(SECOND)
            context.checkpoint(number + 1)

    with deploy(Registry([walk])) as deployment:
        submit(deployment.engine, "long")
        deployment.pump()

        assert starts == [0, 2, 4, 6]


def test_an_async_task_is_continued_too() -> None:
    work = Work()

    @task("long")
    async def walk(context: Context) -> int:
        for number in range(context.cursor or 0, 20):
            work.do(number)
            context.checkpoint(number + 1)
        return len(work.done)

    with deploy(Registry([walk])) as deployment:
        task_id = start(deployment, work)

        deployment.pump()

        assert deployment.task(task_id).result == "20"
        assert deployment.task(task_id).continuations == 2


def test_a_checkpoint_carries_the_report_that_waits() -> None:
    @task("long")
    def walk(context: Context) -> None:
        context.progress(1, 10)
        context.progress(2, 10)
        context.checkpoint(2)
        assert deployment.task(context.task_id).progress.succeeded == 2

    with deploy(Registry([walk])) as deployment:
        task_id = submit(deployment.engine, "long").task.ref.task
        deployment.pump()

        claim, report, checkpoint, end = 1, 1, 1, 1
        assert deployment.task(task_id).state is State.SUCCEEDED
        assert deployment.port.count("UpdateItem") == claim + report + checkpoint + end


@pytest.mark.parametrize(
    ("cursor", "words"),
    [
        (object(), "not JSON serializable"),
        ("x" * 30_001, "cursor came to 30,003 bytes; at most 30,000"),
    ],
)
def test_a_cursor_that_cannot_be_stored_is_refused(cursor: object, words: str) -> None:
    @task("long", retry=RetryPolicy(attempts=1))
    def walk(context: Context) -> None:
        context.checkpoint(cursor)

    with deploy(Registry([walk])) as deployment:
        task_id = submit(deployment.engine, "long").task.ref.task
        deployment.pump()

        error = deployment.task(task_id).error
        assert error is not None
        assert words in error.message


def test_the_margin_is_a_tenth_of_a_long_attempt() -> None:
    work = Work()
    with deploy(Registry([long(work, pool="long")])) as deployment:
        deployment.context.remaining = 10 * MINUTE
        start(deployment, work)

        deployment.deliver()

        assert len(work.done) == 78, "9 of its 10 minutes, in steps of 7 seconds"


def test_a_checkpoint_in_the_error_hook_ends_nothing() -> None:
    def remember(context: Context, error: BaseException) -> None:
        deployment.clock.advance(55 * SECOND)
        context.checkpoint("from the hook")

    @task("long", on_error=remember, retry=RetryPolicy(attempts=1))
    def walk(context: Context) -> None:
        raise OSError("down")

    with deploy(Registry([walk])) as deployment:
        task_id = submit(deployment.engine, "long").task.ref.task
        deployment.pump()

        ended = deployment.task(task_id)
        assert (ended.state, ended.checkpoint) == (State.FAILED, '"from the hook"')
