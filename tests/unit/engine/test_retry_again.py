"""What failed or was cancelled begins again when somebody asks for it, and never by itself."""

from datetime import timedelta

import pytest
from pydantic import BaseModel

from tests.harness import Deployment, deploy
from tests.letters import Hopeless, Letters
from tests.numbers import World, numbers
from windrow import Context, Outcome, Registry, RetryPolicy, task
from windrow.aws.dynamodb import encoded
from windrow.engine.cancel import cancel
from windrow.engine.claim import claim
from windrow.engine.failures import FailedItem, failed_items
from windrow.engine.gather import gather_group
from windrow.engine.retry_again import retry_again
from windrow.engine.settle import end
from windrow.engine.submit import submit
from windrow.errors import InvalidOption, NotFound, NothingToRetry, UniqueKeyHeld
from windrow.model.records import Failure, Task
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.keys import step_key

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def start(deployment: Deployment, name: str = "numbers") -> Ref:
    return submit(deployment.engine, name).task.ref


def counts(task: Task) -> tuple[int, int, int]:
    return task.progress.succeeded, task.progress.failed, task.progress.cancelled


def test_a_failed_task_begins_again_with_whole_budgets() -> None:
    @task("flaky", retry=RetryPolicy(attempts=2, base=timedelta(), cap=timedelta()))
    def flaky(context: Context) -> int:
        if context.attempt < 4:
            raise OSError("not yet")
        return context.attempt

    with deploy(Registry([flaky])) as deployment:
        ref = start(deployment, "flaky")
        deployment.run_for(MINUTE)
        failed = deployment.task(ref.task)
        deployment.clock.advance(DAY)

        again = retry_again(deployment.engine, ref)
        waiting = deployment.task(ref.task)
        deployment.run_for(MINUTE)

        assert (failed.state, failed.attempt) == (State.FAILED, 2)
        assert again == waiting
        assert (waiting.state, waiting.attempt, waiting.failures) == (State.QUEUED, 2, 0)
        assert (waiting.error, waiting.expires, waiting.round) == (None, None, 1)
        assert waiting.deadline == waiting.queued + flaky.deadline
        ended = deployment.task(ref.task)
        assert (ended.state, ended.result, ended.attempt) == (State.SUCCEEDED, "4", 4)


def test_a_cancelled_task_begins_again(deployment: Deployment, world: World) -> None:
    ref = start(deployment)
    cancel(deployment.engine, ref)

    retry_again(deployment.engine, ref)
    deployment.pump()

    assert deployment.task(ref.task).state is State.SUCCEEDED
    assert world.finished == [Outcome(250, 250, 0)]


def test_a_task_that_was_not_started_in_time_may_be_started_later(deployment: Deployment) -> None:
    ref = submit(deployment.engine, "numbers", start_within=SECOND).task.ref
    deployment.clock.advance(2 * SECOND)
    deployment.pump()
    assert deployment.task(ref.task).state is State.FAILED

    retry_again(deployment.engine, ref)
    deployment.pump()

    assert deployment.task(ref.task).state is State.SUCCEEDED


def test_its_unique_key_is_taken_again(deployment: Deployment) -> None:
    ref = start(deployment)
    cancel(deployment.engine, ref)

    retry_again(deployment.engine, ref)

    assert submit(deployment.engine, "numbers").task.ref == ref


def test_a_key_that_is_anothers_by_now_is_named_with_its_holder(deployment: Deployment) -> None:
    ref = start(deployment)
    cancel(deployment.engine, ref)
    holder = start(deployment)

    with pytest.raises(UniqueKeyHeld, match=f"'numbers' is held by task {holder.task}") as held:
        retry_again(deployment.engine, ref)

    assert held.value.holder == holder.task
    assert deployment.task(ref.task).state is State.CANCELLED


def test_a_key_whose_last_holder_is_over_is_taken_from_it(deployment: Deployment) -> None:
    ref = start(deployment)
    cancel(deployment.engine, ref)
    cancel(deployment.engine, start(deployment))

    assert retry_again(deployment.engine, ref).state is State.QUEUED


def test_a_second_call_changes_nothing(deployment: Deployment) -> None:
    ref = start(deployment)
    cancel(deployment.engine, ref)

    first = retry_again(deployment.engine, ref)
    deployment.clock.advance(SECOND)

    assert retry_again(deployment.engine, ref) == first


def test_what_has_succeeded_does_not_begin_again(deployment: Deployment) -> None:
    ref = start(deployment)
    deployment.pump()

    for failed_items_only in (False, True):
        with pytest.raises(NothingToRetry, match="it succeeded whole"):
            retry_again(deployment.engine, ref, failed_items_only=failed_items_only)


def test_what_is_not_there_or_has_expired_does_not_begin_again(deployment: Deployment) -> None:
    ref = cancel(deployment.engine, start(deployment)).ref
    deployment.clock.advance(deployment.engine.retention + SECOND)

    for each in (ref, Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E")):
        with pytest.raises(NotFound):
            retry_again(deployment.engine, each)


def test_a_plain_task_has_no_items_to_do_again() -> None:
    @task("plain")
    def plain(context: Context) -> None: ...

    with deploy(Registry([plain])) as deployment:
        ref = cancel(deployment.engine, start(deployment, "plain")).ref

        with pytest.raises(InvalidOption, match="failed_items_only"):
            retry_again(deployment.engine, ref, failed_items_only=True)


def test_only_the_items_that_failed_are_done_again() -> None:
    letters = Letters(bad={1: Hopeless("no such address"), 7: Hopeless("moved away")})
    with deploy(letters.registry()) as deployment:
        ref = start(deployment, "letters")
        deployment.pump()
        with pytest.raises(NothingToRetry, match="ask for its failed items only"):
            retry_again(deployment.engine, ref)
        letters.bad.clear()
        letters.tried.clear()

        retry_again(deployment.engine, ref, failed_items_only=True)
        deployment.pump()

        ended = deployment.task(ref.task)
        assert letters.tried == [1, 7]
        assert counts(ended) == (10, 0, 0)
        assert (ended.state, ended.has_errors) == (State.SUCCEEDED, False)
        assert letters.finished == [Outcome(10, 8, 2), Outcome(10, 10, 0)]


def test_items_that_fail_again_can_be_done_again_and_again() -> None:
    letters = Letters(bad={1: Hopeless("no such address"), 2: Hopeless("no stamp")})
    with deploy(letters.registry()) as deployment:
        ref = start(deployment, "letters")
        deployment.pump()
        for letter in (1, 2):
            del letters.bad[letter]
            retry_again(deployment.engine, ref, failed_items_only=True)
            deployment.pump()
            assert deployment.task(ref.task).progress.failed == len(letters.bad)

        assert letters.tried.count(1) == 2
        assert letters.tried.count(2) == 3
        assert deployment.task(ref.task).round == 2


def test_a_map_of_which_everything_failed_begins_again(
    deployment: Deployment, world: World
) -> None:
    world.chunk_error, world.failing = Hopeless("no disk"), frozenset(range(250))
    ref = start(deployment)
    deployment.pump()
    assert deployment.task(ref.task).state is State.FAILED

    world.chunk_error = None
    retry_again(deployment.engine, ref)
    deployment.pump()

    assert deployment.task(ref.task).state is State.SUCCEEDED
    assert sorted(world.done) == list(range(250))
    assert world.planned == 1, "its items are those that were planned"


def test_a_map_that_was_cancelled_goes_on_where_it_stopped(
    deployment: Deployment, world: World
) -> None:
    ref = start(deployment)
    for _ in range(3):
        deployment.deliver()
    cancel(deployment.engine, ref)
    deployment.pump()
    assert counts(deployment.task(ref.task)) == (100, 0, 150)

    retry_again(deployment.engine, ref)
    deployment.pump()

    assert counts(deployment.task(ref.task)) == (250, 0, 0)
    assert sorted(world.done) == list(range(250)), "each item once"


def test_a_late_hint_counts_nothing_that_is_about_to_be_done_again(
    deployment: Deployment, world: World
) -> None:
    engine, ref = deployment.engine, start(deployment)
    for _ in range(3):
        deployment.deliver()
    cancel(engine, ref)
    deployment.pump()
    waiting = retry_again(engine, ref)
    claimed = claim(engine, waiting, deployment.clock.now() + MINUTE)
    assert claimed is not None, "and its chunks are not opened yet"

    gather_group(engine, ref.group_at(0))
    before = counts(deployment.task(ref.task))
    deployment.run_for(5 * MINUTE)

    assert before == (100, 0, 0)
    assert counts(deployment.task(ref.task)) == (250, 0, 0)


def test_a_late_hint_counts_a_chunk_that_was_opened_only_when_it_has_ended_again(
    deployment: Deployment, world: World
) -> None:
    engine, ref = deployment.engine, start(deployment)
    for _ in range(3):
        deployment.deliver()
    cancel(engine, ref)
    deployment.pump()
    retry_again(engine, ref)
    deployment.deliver()

    gather_group(engine, ref.group_at(0))

    assert counts(deployment.task(ref.task)) == (100, 0, 0)


def test_a_map_whose_finish_failed_finishes_again(deployment: Deployment, world: World) -> None:
    world.finish_error = Hopeless("no paint")
    ref = start(deployment)
    deployment.pump()

    world.finish_error = None
    retry_again(deployment.engine, ref)
    deployment.pump()

    assert deployment.task(ref.task).state is State.SUCCEEDED
    assert len(world.done) == 250
    assert len(world.finished) == 2


def test_a_map_whose_deadline_passed_begins_again_with_a_new_one(
    deployment: Deployment, world: World
) -> None:
    ref = start(deployment)
    for _ in range(2):
        deployment.deliver()
    deployment.hints.lose()
    for _ in range(4 * 60):
        deployment.clock.advance(MINUTE)
        deployment.hints.lose()
        deployment.sweep()
    assert deployment.task(ref.task).state is State.FAILED

    retry_again(deployment.engine, ref)
    deployment.run_for(5 * MINUTE)

    assert deployment.task(ref.task).state is State.SUCCEEDED
    assert sorted(world.done) == list(range(250))


def test_a_map_of_more_than_one_group_opens_those_that_failed() -> None:
    world = World(count=110, chunk_error=Hopeless("no disk"), failing=frozenset({105}))
    registry, _ = numbers(world, chunk_size=1)
    with deploy(registry) as deployment:
        ref = start(deployment)
        deployment.pump()
        world.chunk_error = None

        retry_again(deployment.engine, ref, failed_items_only=True)
        deployment.pump()

        assert counts(deployment.task(ref.task)) == (110, 0, 0)
        assert [group.round for group in deployment.engine.records.groups(ref)] == [0, 1]
        assert sorted(world.done) == list(range(110))


def test_what_has_succeeded_is_kept_until_the_map_has_ended_again() -> None:
    letters = Letters(bad={1: Hopeless("no such address")})
    with deploy(letters.registry()) as deployment:
        ref = start(deployment, "letters")
        deployment.pump()
        deployment.clock.advance(deployment.engine.retention - MINUTE)

        retry_again(deployment.engine, ref, failed_items_only=True)
        deployment.deliver()

        deadline = deployment.task(ref.task).deadline
        for chunk in deployment.chunks(ref.task):
            assert chunk.expires is None or chunk.expires > deadline


def test_what_a_whole_group_has_done_is_kept_too() -> None:
    world = World(count=110, chunk_error=Hopeless("no disk"), failing=frozenset({105}))
    registry, _ = numbers(world, chunk_size=1)
    with deploy(registry) as deployment:
        ref = submit(deployment.engine, "numbers", deadline=10 * MINUTE).task.ref
        deployment.pump()
        deployment.clock.advance(deployment.engine.retention - MINUTE)

        retry_again(deployment.engine, ref, failed_items_only=True)
        deployment.deliver()

        deadline = deployment.task(ref.task).deadline
        kept = deployment.engine.records.chunks(ref.group_at(0))
        assert {chunk.round for chunk in kept} == {0}
        assert all(chunk.expires is not None and chunk.expires > deadline for chunk in kept)


def test_a_map_whose_chunks_may_have_expired_does_not_begin_again() -> None:
    letters = Letters(bad={1: OSError("busy")})
    with deploy(letters.registry()) as deployment:
        ref = start(deployment, "letters")
        deployment.run_for(5 * MINUTE)
        deployment.clock.advance(deployment.engine.retention - 5 * MINUTE)

        with pytest.raises(NothingToRetry, match="not kept any longer"):
            retry_again(deployment.engine, ref, failed_items_only=True)


def test_the_items_that_failed_are_listed_with_their_reasons() -> None:
    letters = Letters(bad={1: Hopeless("no such address"), 7: Hopeless("moved away")})
    with deploy(letters.registry()) as deployment:
        ref = start(deployment, "letters")
        deployment.pump()

        listed = failed_items(deployment.engine, ref)

        assert listed.next_group is None
        assert listed.items == (
            FailedItem(1, 1, Failure("Hopeless", "no such address")),
            FailedItem(7, 7, Failure("Hopeless", "moved away")),
        )


def test_failed_items_are_listed_group_by_group() -> None:
    world = World(count=310, chunk_error=Hopeless("no"), failing=frozenset({5, 205, 305}))
    registry, _ = numbers(world, chunk_size=1)
    with deploy(registry) as deployment:
        ref = start(deployment)
        deployment.pump()

        pages, group = [], 0
        while True:
            page = failed_items(deployment.engine, ref, group=group)
            pages.append([item.number for item in page.items])
            if page.next_group is None:
                break
            group = page.next_group

        assert pages == [[5], [205], [305]]


def test_cancelled_items_are_listed_without_a_reason(deployment: Deployment) -> None:
    ref = start(deployment)
    deployment.deliver()
    cancel(deployment.engine, ref)
    deployment.pump()

    listed = failed_items(deployment.engine, ref)

    assert [item.number for item in listed.items] == list(range(250))
    assert {item.error for item in listed.items} == {None}


def test_a_map_without_failures_lists_none(deployment: Deployment) -> None:
    ref = start(deployment)
    deployment.pump()

    assert failed_items(deployment.engine, ref).items == ()


def test_a_step_is_done_once_however_often_its_task_begins_again() -> None:
    made: list[bool] = []

    @task("deposits", retry=RetryPolicy(attempts=1))
    def deposits(context: Context) -> None:
        key = encoded({"PK": "account", "SK": str(len(made))})
        write = {"Put": {"TableName": "ApplicationTable", "Item": key}}
        made.append(context.transact("deposit", [write]))
        raise ValueError("the bank is closed")

    with deploy(Registry([deposits])) as deployment:
        engine = deployment.engine
        # A deadline of its own that is shorter than the declared one, which the rounds have.
        ref = submit(engine, "deposits", deadline=MINUTE).task.ref
        deployment.pump()
        deployment.clock.advance(engine.retention - MINUTE)
        retry_again(engine, ref)
        deployment.pump()
        deployment.clock.advance(DAY)

        marker = {"TableName": "TasksTable", "Key": encoded(step_key(ref, "deposit"))}
        kept = engine.aws.call("dynamodb", "GetItem", marker)["Item"]
        assert int(kept["expires"]["N"]) > deployment.clock.now().timestamp()
        assert made == [True, False]
        with pytest.raises(NothingToRetry, match="its steps came to is not kept any longer"):
            retry_again(engine, ref)


def test_a_task_whose_params_would_not_last_does_not_begin_again() -> None:
    class Text(BaseModel):
        text: str

    @task("prints", params=Text)
    def prints(context: Context, params: Text) -> None: ...

    with deploy(Registry([prints])) as deployment:
        engine = deployment.engine
        ref = submit(engine, "prints", {"text": "x" * 200_000}).task.ref
        cancel(engine, ref)
        deployment.clock.advance(engine.retention - DAY)
        assert retry_again(engine, ref).state is State.QUEUED
        cancel(engine, ref)
        deployment.clock.advance(SECOND)

        with pytest.raises(NothingToRetry, match="its params are not kept any longer"):
            retry_again(engine, ref)


def test_a_task_that_waited_for_longer_than_records_are_kept_begins_again(
    deployment: Deployment,
) -> None:
    ref = submit(deployment.engine, "numbers", delay=200 * DAY).task.ref
    deployment.clock.advance(100 * DAY)
    cancel(deployment.engine, ref)

    assert retry_again(deployment.engine, ref).state is State.QUEUED


def test_a_chunk_that_still_runs_is_not_disturbed_when_its_map_begins_again() -> None:
    world = World(count=4)
    registry, _ = numbers(world, chunk_size=2)
    with deploy(registry) as deployment:
        engine, ref = deployment.engine, start(deployment)
        deployment.deliver()
        first = deployment.chunks(ref.task)[0]
        running = claim(engine, first, deployment.clock.now() + 2 * MINUTE)
        assert running is not None
        end(engine, deployment.task(ref.task), State.FAILED, error=Failure("Odd", "for a test"))

        retry_again(engine, ref)
        deployment.pump()
        assert deployment.chunks(ref.task)[0].round == 1, "it is counted in the new round"
        end(engine, running, State.SUCCEEDED)
        deployment.run_for(3 * MINUTE)

        assert deployment.task(ref.task).state is State.SUCCEEDED
        assert deployment.chunks(ref.task)[0].attempt == 1
        assert world.done == [2, 3], "the other one's items were done by the attempt that ran"
