"""Cancelling: what waits ends at once, what runs starts no second time."""

from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy
from tests.numbers import World
from windrow import Context, Registry, task
from windrow.engine.cancel import cancel
from windrow.engine.claim import claim
from windrow.engine.retries import Verdict
from windrow.engine.settle import end, failed
from windrow.engine.submit import submit
from windrow.errors import AlreadyOver, NotFound
from windrow.model.records import Failure, Task
from windrow.model.ref import Ref
from windrow.model.states import Phase, State
from windrow.telemetry.metrics import Metric

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
ERROR = OSError("no route to host")
AGAIN = Verdict(SECOND, Failure.of(ERROR))


def start(deployment: Deployment) -> Ref:
    return submit(deployment.engine, "numbers").task.ref


def claimed(deployment: Deployment, ref: Ref) -> Task:
    task = deployment.task(ref.task)
    owned = claim(deployment.engine, task, deployment.clock.now() + MINUTE)
    assert owned is not None
    return owned


def counts(task: Task) -> tuple[int, int, int]:
    return task.progress.succeeded, task.progress.failed, task.progress.cancelled


def test_a_queued_task_is_cancelled_at_once_and_frees_its_key(
    deployment: Deployment, world: World
) -> None:
    ref = start(deployment)

    cancelled = cancel(deployment.engine, ref)
    deployment.pump()

    assert cancelled.state is State.CANCELLED
    assert deployment.task(ref.task) == cancelled
    assert world.planned == 0
    assert deployment.telemetry.counts[Metric.TASKS_CANCELLED] == 1
    assert submit(deployment.engine, "numbers").is_new


def test_a_running_task_is_asked_to_stop(deployment: Deployment) -> None:
    owned = claimed(deployment, start(deployment))

    asked = cancel(deployment.engine, owned.ref)

    assert asked.state is State.RUNNING
    assert asked.cancel_requested == deployment.clock.now()
    assert deployment.task(owned.ref.task) == asked


def test_a_success_after_the_request_still_counts(deployment: Deployment) -> None:
    owned = claimed(deployment, start(deployment))
    cancel(deployment.engine, owned.ref)

    end(deployment.engine, owned, State.SUCCEEDED)

    assert deployment.task(owned.ref.task).state is State.SUCCEEDED


def test_a_retry_after_the_request_is_none(deployment: Deployment) -> None:
    owned = claimed(deployment, start(deployment))
    cancel(deployment.engine, owned.ref)

    failed(deployment.engine, owned, ERROR, AGAIN)

    ended = deployment.task(owned.ref.task)
    assert ended.state is State.CANCELLED
    assert ended.due is None
    assert submit(deployment.engine, "numbers").is_new, "its key is free"


def test_a_request_that_comes_between_two_attempts_cancels(deployment: Deployment) -> None:
    owned = claimed(deployment, start(deployment))
    failed(deployment.engine, owned, ERROR, AGAIN)

    assert cancel(deployment.engine, owned.ref).state is State.CANCELLED


@pytest.mark.parametrize("is_hint_lost", [True, False])
def test_a_crash_after_the_request_ends_as_cancelled(
    deployment: Deployment, world: World, is_hint_lost: bool
) -> None:
    ref = start(deployment)
    cancel(deployment.engine, claimed(deployment, ref).ref)
    if is_hint_lost:
        deployment.hints.lose()
    deployment.clock.advance(2 * MINUTE)
    if is_hint_lost:
        deployment.sweep()

    deployment.pump()

    assert deployment.task(ref.task).state is State.CANCELLED
    assert world.planned == 0


def test_a_request_that_a_takeover_has_not_seen_stops_it(deployment: Deployment) -> None:
    owned = claimed(deployment, start(deployment))
    cancel(deployment.engine, owned.ref)
    deployment.clock.advance(2 * MINUTE)

    taken = claim(deployment.engine, owned, deployment.clock.now() + MINUTE)

    assert taken is None
    assert deployment.task(owned.ref.task).state is State.CANCELLED
    assert deployment.task(owned.ref.task).attempt == 1


def test_a_second_request_changes_nothing(deployment: Deployment) -> None:
    owned = claimed(deployment, start(deployment))
    first = cancel(deployment.engine, owned.ref)
    deployment.clock.advance(SECOND)

    assert cancel(deployment.engine, owned.ref) == first


def test_cancelling_what_is_cancelled_changes_nothing(deployment: Deployment) -> None:
    ref = start(deployment)
    first = cancel(deployment.engine, ref)

    assert cancel(deployment.engine, ref) == first


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED])
def test_what_is_over_cannot_be_cancelled(deployment: Deployment, state: State) -> None:
    owned = claimed(deployment, start(deployment))
    end(deployment.engine, owned, state)

    with pytest.raises(AlreadyOver, match=f"has {state}; only what has not ended"):
        cancel(deployment.engine, owned.ref)


def test_what_is_not_there_cannot_be_cancelled(deployment: Deployment) -> None:
    with pytest.raises(NotFound, match="There is no task"):
        cancel(deployment.engine, Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E"))


def test_what_has_expired_is_not_there(deployment: Deployment) -> None:
    ref = cancel(deployment.engine, start(deployment)).ref
    deployment.clock.advance(deployment.engine.retention + SECOND)

    with pytest.raises(NotFound):
        cancel(deployment.engine, ref)


def test_a_map_starts_no_chunk_after_the_request(deployment: Deployment, world: World) -> None:
    ref = start(deployment)
    for _ in range(3):
        deployment.deliver()

    cancel(deployment.engine, ref)
    deployment.pump()

    ended = deployment.task(ref.task)
    assert ended.state is State.CANCELLED
    assert counts(ended) == (100, 0, 150)
    assert len(world.done) == 100
    assert world.finished == []
    assert submit(deployment.engine, "numbers").is_new, "its key is free"


def test_a_chunk_that_runs_may_end(deployment: Deployment) -> None:
    ref = start(deployment)
    deployment.deliver()
    first, *_ = deployment.chunks(ref.task)
    running = claim(deployment.engine, first, deployment.clock.now() + MINUTE)
    assert running is not None

    cancel(deployment.engine, ref)
    deployment.pump()
    assert deployment.task(ref.task).state is State.RUNNING, "a chunk of it still runs"
    end(deployment.engine, running, State.SUCCEEDED)
    deployment.run_for(3 * MINUTE)

    ended = deployment.task(ref.task)
    assert ended.state is State.CANCELLED
    assert counts(ended) == (50, 0, 200)


def test_a_map_cancelled_while_it_is_planned_runs_no_chunk() -> None:
    done: list[int] = []

    @task.map("numbers", chunk_size=2)
    def plan(context: Context) -> range:
        cancel(deployment.engine, Ref(context.tenant, context.task_id))
        return range(5)

    plan.each(lambda context, item: done.append(item))
    with deploy(Registry([plan])) as deployment:
        ref = start(deployment)

        deployment.pump()

        ended = deployment.task(ref.task)
        assert ended.state is State.CANCELLED
        assert counts(ended) == (0, 0, 5)
        assert done == []


def test_the_group_of_a_map_that_was_cancelled_while_it_was_written_is_closed(
    deployment: Deployment,
) -> None:
    ref = start(deployment)
    # The group is written; the worker dies before its first chunk is.
    deployment.port.plan("killed before", "PutItem", Item="C#0000000")
    deployment.deliver()
    cancel(deployment.engine, ref)

    deployment.run_for(timedelta(minutes=8))

    (group,) = deployment.engine.records.groups(ref)
    assert deployment.task(ref.task).state is State.CANCELLED
    assert deployment.chunks(ref.task) == []
    assert group.is_closed


def test_a_request_after_the_last_chunk_keeps_the_finish_from_starting(
    deployment: Deployment, world: World
) -> None:
    ref = start(deployment)
    deployment.deliver()
    for chunk in deployment.chunks(ref.task):
        owned = claim(deployment.engine, chunk, deployment.clock.now() + MINUTE)
        assert owned is not None
        end(deployment.engine, owned, State.SUCCEEDED)
    cancel(deployment.engine, ref)

    deployment.pump()

    ended = deployment.task(ref.task)
    assert ended.state is State.CANCELLED
    assert counts(ended) == (250, 0, 0)
    assert world.finished == []


def test_a_map_that_waits_for_its_finish_is_cancelled_at_once(
    deployment: Deployment, world: World
) -> None:
    ref = start(deployment)
    for _ in range(6):
        deployment.deliver()
    assert deployment.task(ref.task).phase is Phase.FINISH

    cancel(deployment.engine, ref)
    deployment.pump()

    assert deployment.task(ref.task).state is State.CANCELLED
    assert world.finished == []


def test_a_lost_answer_is_no_error(deployment: Deployment) -> None:
    owned = claimed(deployment, start(deployment))
    deployment.port.plan("answer lost", "UpdateItem")

    asked = cancel(deployment.engine, owned.ref)

    assert deployment.task(owned.ref.task) == asked
