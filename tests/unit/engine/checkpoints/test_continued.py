"""A task goes on from its cursor, whatever cuts it off."""

from datetime import timedelta

import pytest

from tests.harness import deploy
from tests.unit.engine.checkpoints.work import Work, live, long, start
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.cancel import cancel
from windrow.engine.submit import submit
from windrow.model.ref import Ref
from windrow.model.states import State

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


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
