"""A map from its submission to its end."""

from datetime import timedelta

from tests.harness import Deployment, deploy
from tests.numbers import World, numbers
from windrow import Outcome
from windrow.engine.submit import submit
from windrow.errors import WindrowError
from windrow.model.states import State

MINUTE = timedelta(minutes=1)


class Hopeless(WindrowError):
    """Another try does not help."""


def start(deployment: Deployment) -> str:
    return submit(deployment.engine, "numbers").task.ref.task


def test_a_map_does_every_item_once_and_finishes_once(deployment: Deployment, world: World) -> None:
    task_id = start(deployment)

    delivered = deployment.pump()

    ended = deployment.task(task_id)
    assert ended.state is State.SUCCEEDED
    assert ended.result == '{"sum":31125}'
    assert sorted(world.done) == list(range(250))
    assert world.finished == [Outcome(250, 250, 0)]
    assert delivered == 7, "the plan, five chunks and the finish"


def test_progress_grows_as_chunks_end(deployment: Deployment) -> None:
    task_id = start(deployment)

    seen = []
    while deployment.deliver():
        seen.append(deployment.task(task_id).progress.succeeded)

    assert seen == [0, 50, 100, 150, 200, 250, 250]


def test_a_map_without_items_finishes_at_once(deployment: Deployment, world: World) -> None:
    world.count = 0
    task_id = start(deployment)

    deployment.pump()

    assert deployment.task(task_id).state is State.SUCCEEDED
    assert world.finished == [Outcome(0, 0, 0)]


def test_a_map_of_more_than_one_group_reports_by_group() -> None:
    world = World(count=110)
    registry, _ = numbers(world, chunk_size=1)
    with deploy(registry) as deployment:
        task_id = start(deployment)

        seen = set()
        while deployment.deliver():
            seen.add(deployment.task(task_id).progress.succeeded)

        assert seen == {0, 100, 110}
        assert deployment.task(task_id).result == '{"sum":5995}'
        assert len(world.done) == 110


def test_a_second_submission_meets_the_live_one(deployment: Deployment) -> None:
    first = submit(deployment.engine, "numbers")
    deployment.clock.advance(MINUTE / 2)
    deployment.deliver()

    second = submit(deployment.engine, "numbers")

    assert first.is_new
    assert not second.is_new
    assert second.task.ref == first.task.ref
    assert second.task.created == first.task.created


def test_the_key_is_free_again_when_the_task_is_over(deployment: Deployment) -> None:
    first = submit(deployment.engine, "numbers")
    deployment.pump()

    second = submit(deployment.engine, "numbers")

    assert second.is_new
    assert second.task.ref != first.task.ref


def test_a_plan_that_fails_is_tried_again(deployment: Deployment, world: World) -> None:
    world.plan_error = OSError("no route to host")
    task_id = start(deployment)
    deployment.pump()
    assert deployment.task(task_id).state is State.QUEUED

    world.plan_error = None
    deployment.run_for(MINUTE)

    assert deployment.task(task_id).state is State.SUCCEEDED
    assert world.planned == 2


def test_a_plan_that_keeps_failing_fails_the_map_with_its_reason(
    deployment: Deployment, world: World
) -> None:
    world.plan_error = OSError("no route to host")
    task_id = start(deployment)

    deployment.run_for(5 * MINUTE)

    ended = deployment.task(task_id)
    assert ended.state is State.FAILED
    assert ended.error is not None
    assert (ended.error.kind, ended.error.message) == ("OSError", "no route to host")
    assert world.planned == 3, "the policy's attempts"
    assert submit(deployment.engine, "numbers").is_new, "its key is free"


def test_an_error_that_another_try_does_not_help_fails_at_once(
    deployment: Deployment, world: World
) -> None:
    world.plan_error = Hopeless("the account is closed")
    task_id = start(deployment)

    deployment.pump()

    assert deployment.task(task_id).state is State.FAILED
    assert world.planned == 1


def test_a_chunk_that_fails_is_tried_again_alone(deployment: Deployment, world: World) -> None:
    world.chunk_error, world.failing = OSError("throttled"), frozenset({7})
    task_id = start(deployment)
    deployment.pump()
    assert deployment.task(task_id).progress.succeeded == 200

    world.chunk_error = None
    deployment.run_for(MINUTE)

    assert deployment.task(task_id).state is State.SUCCEEDED
    assert sorted(world.done) == list(range(250))


def test_a_map_with_items_that_failed_for_good_succeeds_and_counts_them(
    deployment: Deployment, world: World
) -> None:
    world.chunk_error, world.failing = Hopeless("not a number"), frozenset({7})
    task_id = start(deployment)

    deployment.pump()

    ended = deployment.task(task_id)
    assert ended.state is State.SUCCEEDED
    assert (ended.progress.succeeded, ended.progress.failed) == (200, 50)
    assert world.finished == [Outcome(250, 200, 50)]


def test_a_map_whose_items_all_failed_fails_with_the_first_reason(
    deployment: Deployment, world: World
) -> None:
    world.chunk_error, world.failing = Hopeless("no disk"), frozenset(range(250))
    task_id = start(deployment)

    deployment.pump()

    ended = deployment.task(task_id)
    assert ended.state is State.FAILED
    assert ended.error is not None
    assert ended.error.message == "Every item failed: no disk"
    assert (ended.progress.succeeded, ended.progress.failed) == (0, 250)
    assert world.finished == []


def test_a_finish_that_fails_for_good_fails_the_map(deployment: Deployment, world: World) -> None:
    world.finish_error = Hopeless("no paint")
    task_id = start(deployment)

    deployment.pump()

    assert deployment.task(task_id).state is State.FAILED


def test_a_best_effort_finish_that_fails_does_not_fail_the_map() -> None:
    world = World(finish_error=Hopeless("no paint"))
    registry, _ = numbers(world, best_effort=True)
    with deploy(registry) as deployment:
        task_id = start(deployment)

        deployment.pump()

        ended = deployment.task(task_id)
        assert ended.state is State.SUCCEEDED
        assert ended.error is not None, "the failure stays on record"
        assert ended.error.message == "no paint"
