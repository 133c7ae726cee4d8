"""Long work: an attempt whose time is nearly up is continued by the next one, from its cursor."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import Deployment, deploy
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.cancel import cancel
from windrow.engine.definition import Definition
from windrow.engine.submit import submit
from windrow.model.ref import Ref
from windrow.model.states import State

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass
class Work:
    """A hundred steps of 7 s each, in invocations of a minute."""

    deployment: Deployment | None = None
    done: list[int] = field(default_factory=list)
    cleaned: int = 0

    def do(self, number: int) -> None:
        assert self.deployment is not None
        self.deployment.clock.advance(7 * SECOND)
        self.done.append(number)


def long(work: Work, **options: Any) -> Definition:
    @task("long", **options)
    def walk(context: Context) -> int:
        try:
            for number in range(context.cursor or 0, 100):
                work.do(number)
                try:
                    context.checkpoint(number + 1)
                except Exception as error:
                    raise AssertionError("an author cannot swallow the end") from error
        finally:
            work.cleaned += 1
        return len(work.done)

    return walk


def start(deployment: Deployment, work: Work) -> str:
    work.deployment = deployment
    return submit(deployment.engine, "long").task.ref.task


def live(deployment: Deployment, duration: timedelta) -> None:
    """Workers with a minute each, and the sweeper."""
    deployment.run_for(duration, tick=20 * SECOND)


def test_a_task_goes_on_past_any_invocation_until_it_is_done() -> None:
    work = Work()
    with deploy(Registry([long(work)])) as deployment:
        task_id = start(deployment, work)

        deployment.pump()

        ended = deployment.task(task_id)
        assert ended.state is State.SUCCEEDED
        assert work.done == list(range(100)), "each step once, in order"
        assert ended.continuations == 12
        assert ended.attempt == 13
        assert (ended.failures, ended.crashes) == (0, 0)
        assert work.cleaned == 13
        assert deployment.telemetry.verbs().count("attempt.continued") == 12
        assert deployment.clock.now() - ended.created > 11 * MINUTE


def test_the_margin_is_a_tenth_of_a_long_attempt() -> None:
    work = Work()
    with deploy(Registry([long(work, pool="long")])) as deployment:
        deployment.context.remaining = 10 * MINUTE
        start(deployment, work)

        deployment.deliver()

        assert len(work.done) == 78, "9 of its 10 minutes, in steps of 7 seconds"


def test_a_killed_worker_costs_the_steps_since_the_last_checkpoint() -> None:
    work = Work()
    with deploy(Registry([long(work)])) as deployment:
        task_id = start(deployment, work)
        deployment.port.plan("killed before", "UpdateItem", skip=3)

        live(deployment, HOUR / 2)

        ended = deployment.task(task_id)
        assert ended.state is State.SUCCEEDED
        assert sorted(set(work.done)) == list(range(100))
        assert len(work.done) == 101


@pytest.mark.parametrize(
    "effect", ["refused", "killed before", "killed after", "answer lost", "answer never came"]
)
@pytest.mark.parametrize("skip", range(14))
def test_wherever_a_continued_task_is_cut_off_it_is_done_in_the_end(effect: str, skip: int) -> None:
    work = Work()
    with deploy(Registry([long(work)])) as deployment:
        task_id = start(deployment, work)
        deployment.port.plan(effect, "", skip=skip)

        live(deployment, HOUR / 2)

        ended = deployment.task(task_id)
        assert ended.state is State.SUCCEEDED
        assert sorted(set(work.done)) == list(range(100))
        assert len(work.done) <= 100 + 8, "no more is done again than one attempt had done"


def test_a_failed_attempt_goes_on_from_the_cursor_too() -> None:
    starts = []

    @task("long", retry=RetryPolicy(base=SECOND))
    def walk(context: Context) -> None:
        starts.append(context.cursor)
        context.checkpoint({"page": context.attempt})
        if context.attempt < 3:
            raise OSError("down")

    with deploy(Registry([walk])) as deployment:
        submit(deployment.engine, "long")
        deployment.run_for(HOUR)

        assert starts == [None, {"page": 1}, {"page": 2}]


def test_each_continuation_has_its_budgets_anew() -> None:
    work = Work()

    @task("long", retry=RetryPolicy(attempts=2, base=SECOND, cap=SECOND))
    def walk(context: Context) -> None:
        for number in range(context.cursor or 0, 30):
            if context.attempt % 2:
                raise OSError("every other attempt")
            work.do(number)
            context.checkpoint(number + 1)

    with deploy(Registry([walk])) as deployment:
        task_id = start(deployment, work)

        live(deployment, HOUR)

        ended = deployment.task(task_id)
        assert ended.state is State.SUCCEEDED
        assert ended.attempt > 4


def test_a_request_to_cancel_ends_a_running_task_at_its_checkpoint() -> None:
    work = Work()

    @task("long", unique="long")
    def walk(context: Context) -> None:
        for number in range(100):
            work.do(number)
            if number == 3:
                cancel(deployment.engine, Ref(context.tenant, context.task_id))
            context.checkpoint(number + 1)

    with deploy(Registry([walk])) as deployment:
        task_id = start(deployment, work)

        deployment.pump()

        ended = deployment.task(task_id)
        assert ended.state is State.CANCELLED
        assert work.done == [0, 1, 2, 3]
        assert submit(deployment.engine, "long").is_new, "its key is free"


def test_a_request_between_the_checkpoint_and_the_queue_cancels_too() -> None:
    work = Work()

    @task("long")
    def walk(context: Context) -> None:
        try:
            for number in range(100):
                work.do(number)
                context.checkpoint(number + 1)
        finally:
            cancel(deployment.engine, Ref(context.tenant, context.task_id))

    with deploy(Registry([walk])) as deployment:
        task_id = start(deployment, work)

        deployment.pump()

        assert deployment.task(task_id).state is State.CANCELLED


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


def test_a_chunk_goes_on_from_its_own_cursor() -> None:
    work = Work()

    @task.map("long", chunk_size=10)
    def plan(context: Context) -> range:
        return range(20)

    @plan.chunk
    def walk(context: Context, items: list[int]) -> None:
        for position in range(context.cursor or 0, len(items)):
            work.do(items[position])
            context.checkpoint(position + 1)

    with deploy(Registry([plan])) as deployment:
        task_id = start(deployment, work)

        deployment.pump()

        assert deployment.task(task_id).state is State.SUCCEEDED
        assert sorted(work.done) == list(range(20))
        assert [chunk.continuations for chunk in deployment.chunks(task_id)] == [1, 1]


def test_a_chunk_of_slow_items_goes_on_by_itself() -> None:
    work = Work()

    @task.map("long", chunk_size=50)
    def plan(context: Context) -> range:
        return range(50)

    @plan.each
    def each(context: Context, item: int) -> None:
        work.do(item)

    with deploy(Registry([plan])) as deployment:
        task_id = start(deployment, work)

        deployment.pump()

        assert deployment.task(task_id).state is State.SUCCEEDED
        assert work.done == list(range(50))
        (chunk,) = deployment.chunks(task_id)
        assert (chunk.continuations, chunk.failures, chunk.crashes) == (6, 0, 0)


def test_a_finish_goes_on_too() -> None:
    work = Work()

    @task.map("long")
    def plan(context: Context) -> list[int]:
        return [1]

    @plan.chunk
    def chunk(context: Context, items: list[int]) -> None: ...

    @plan.finish()
    def finish(context: Context, outcome: object) -> int:
        for number in range(context.cursor or 0, 20):
            work.do(number)
            context.checkpoint(number + 1)
        return len(work.done)

    with deploy(Registry([plan])) as deployment:
        task_id = start(deployment, work)

        deployment.pump()

        assert deployment.task(task_id).result == "20"


def test_a_plan_and_an_item_have_no_checkpoints() -> None:
    @task.map("long", retry=RetryPolicy(attempts=1))
    def plan(context: Context, at: str = "plan") -> list[int]:
        context.checkpoint(1)
        return []

    @plan.each
    def each(context: Context, item: int) -> None: ...

    @task.map("items", retry=RetryPolicy(attempts=1))
    def items(context: Context) -> list[int]:
        return [1]

    @items.each
    def item(context: Context, item: int) -> None:
        context.checkpoint(1)

    with deploy(Registry([plan, items])) as deployment:
        of_plan = submit(deployment.engine, "long").task.ref.task
        of_item = submit(deployment.engine, "items").task.ref.task
        deployment.pump()

        errors = [deployment.task(task_id).error for task_id in (of_plan, of_item)]
        assert all(error is not None for error in errors)
        assert "A plan has no checkpoints" in errors[0].message  # type: ignore[union-attr]
        assert "An item has no checkpoints" in errors[1].message  # type: ignore[union-attr]


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
