"""Groups: tasks that run side by side and end as one, with a callback when all have ended."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.composed import Done, registry
from tests.harness import Deployment, deploy
from windrow.engine.cancel import cancel
from windrow.engine.compose import submit_group
from windrow.engine.control import drain, pause, resume
from windrow.engine.retry_again import retry_again
from windrow.errors import (
    Draining,
    InvalidOption,
    InvalidParams,
    KeyReused,
    NothingToRetry,
    Refused,
    UnknownTask,
)
from windrow.model.draft import Draft
from windrow.model.records import Progress, Task
from windrow.model.ref import Ref
from windrow.model.states import Phase, State

MINUTE = timedelta(minutes=1)


@pytest.fixture
def done() -> Done:
    return Done()


@pytest.fixture
def deployment(done: Done) -> Iterator[Deployment]:
    with deploy(registry(done)) as deployed:
        yield deployed


def numbers(count: int) -> list[Draft]:
    return [Draft("double", {"number": number}) for number in range(count)]


def children(deployment: Deployment, group: Ref) -> list[Task]:
    rows = deployment.engine.tasks.children.all(deployment.task(group.task))
    return [deployment.task(row.ref.task) for row in rows]


def test_a_group_ends_with_the_last_of_its_tasks_and_then_its_callback_begins(
    deployment: Deployment, done: Done
) -> None:
    group = submit_group(deployment.engine, numbers(5), callback=Draft("tell")).task.ref

    deployment.pump()

    task = deployment.task(group.task)
    assert task.state is State.SUCCEEDED
    assert task.progress == Progress(5, 5)
    assert not task.has_errors
    assert sorted(done.started) == [0, 1, 2, 3, 4]
    assert done.told == [
        {
            "task": group.task,
            "state": "succeeded",
            "total": 5,
            "succeeded": 5,
            "failed": 0,
            "cancelled": 0,
            "result": {
                "task": group.task,
                "state": "succeeded",
                "total": 5,
                "succeeded": 5,
                "failed": 0,
                "cancelled": 0,
            },
        }
    ]
    assert done.results == [[0, 2, 4, 6, 8]]


def test_a_group_of_a_thousand_with_failures_has_one_callback_and_names_what_failed(
    deployment: Deployment, done: Done
) -> None:
    done.bad = set(range(0, 1_000, 7))

    group = submit_group(deployment.engine, numbers(1_000), callback=Draft("tell")).task.ref
    deployment.pump()

    task = deployment.task(group.task)
    assert task.state is State.SUCCEEDED
    assert task.has_errors
    assert task.progress == Progress(1_000, 1_000 - len(done.bad), len(done.bad))
    assert len(done.started) == 1_000
    assert [told["failed"] for told in done.told] == [len(done.bad)]
    failed = [child for child in done.ended[0] if child.state is State.FAILED]
    assert {child.number for child in failed} == done.bad
    assert failed[0].error is not None
    assert failed[0].error.message == "0 is bad"


def test_a_group_none_of_whose_tasks_succeeded_fails(deployment: Deployment, done: Done) -> None:
    done.bad = {0, 1}

    group = submit_group(deployment.engine, numbers(2), callback=Draft("tell")).task.ref
    deployment.pump()

    task = deployment.task(group.task)
    assert task.state is State.FAILED
    assert task.error is not None
    assert "2 of 2 tasks did not succeed" in task.error.message
    assert "0 is bad" in task.error.message
    assert [told["state"] for told in done.told] == ["failed"]


def test_a_group_that_wants_all_to_succeed_fails_with_one(
    deployment: Deployment, done: Done
) -> None:
    done.bad = {1}

    group = submit_group(deployment.engine, numbers(3), all_must_succeed=True).task.ref
    deployment.pump()

    assert deployment.task(group.task).state is State.FAILED
    assert sorted(done.started) == [0, 1, 2]


def test_a_callback_may_have_the_summary_in_its_params(deployment: Deployment, done: Done) -> None:
    submit_group(deployment.engine, numbers(2), callback=Draft("report", into="about"))

    deployment.pump()

    assert [told["succeeded"] for told in done.told] == [2]


def test_a_map_may_be_part_of_a_group(deployment: Deployment, done: Done) -> None:
    group = submit_group(deployment.engine, [*numbers(1), Draft("spread")]).task.ref

    deployment.pump()

    assert deployment.task(group.task).state is State.SUCCEEDED
    assert sorted(done.started) == [0, 0, 1, 2, 3, 4]


def test_what_is_wrong_is_named_and_nothing_is_stored(deployment: Deployment) -> None:
    drafts = [
        *numbers(1),
        Draft("double"),
        Draft("nobody"),
        Draft("double", {"number": 1}, unique="one"),
        Draft("double", {"number": 1}, at=deployment.clock.now()),
        Draft("windrow.group"),
    ]

    with pytest.raises(Refused) as refused:
        submit_group(deployment.engine, drafts, callback=Draft("report"))

    kinds = {number: type(error) for number, error in refused.value.errors.items()}
    assert kinds == {
        1: InvalidParams,
        2: UnknownTask,
        3: InvalidOption,
        4: InvalidOption,
        5: UnknownTask,
        6: InvalidParams,
    }
    assert not list(deployment.engine.due.everything())


@pytest.mark.parametrize("count", [0, 1_001])
def test_a_group_has_one_to_a_thousand_tasks(deployment: Deployment, count: int) -> None:
    with pytest.raises(InvalidOption, match="1 to 1,000"):
        submit_group(deployment.engine, numbers(count))


def test_the_same_key_meets_the_same_group(deployment: Deployment, done: Done) -> None:
    first = submit_group(deployment.engine, numbers(2), key="monday")
    deployment.pump()

    again = submit_group(deployment.engine, numbers(2), key="monday")
    deployment.pump()

    assert again.task.ref == first.task.ref
    assert again.is_replay
    assert sorted(done.started) == [0, 1]
    with pytest.raises(KeyReused):
        submit_group(deployment.engine, numbers(3), key="monday")


def test_a_group_for_a_draining_pool_is_refused_unless_it_was_accepted_before(
    deployment: Deployment,
) -> None:
    first = submit_group(deployment.engine, numbers(2), key="monday")
    drain(deployment.engine)

    with pytest.raises(Draining):
        submit_group(deployment.engine, numbers(2))
    assert submit_group(deployment.engine, numbers(2), key="monday").task.ref == first.task.ref


def test_a_group_may_wait_for_its_time(deployment: Deployment, done: Done) -> None:
    group = submit_group(deployment.engine, numbers(2), delay=10 * MINUTE).task.ref
    deployment.run_for(9 * MINUTE)
    assert done.started == []

    deployment.run_for(3 * MINUTE)

    assert deployment.task(group.task).state is State.SUCCEEDED


def test_a_group_that_is_cancelled_before_it_began_starts_nothing_and_has_its_callback(
    deployment: Deployment, done: Done
) -> None:
    group = submit_group(deployment.engine, numbers(3), callback=Draft("tell")).task.ref

    cancel(deployment.engine, group)
    deployment.pump()

    task = deployment.task(group.task)
    assert task.state is State.CANCELLED
    assert task.progress == Progress(3, cancelled=3)
    assert done.started == []
    assert [told["cancelled"] for told in done.told] == [3]


def test_a_group_that_is_cancelled_half_way_starts_nothing_more(
    deployment: Deployment, done: Done
) -> None:
    group = submit_group(deployment.engine, numbers(30), callback=Draft("tell")).task.ref
    while len(done.started) < 10:
        deployment.deliver()

    cancel(deployment.engine, group)
    deployment.pump()

    task = deployment.task(group.task)
    assert task.state is State.CANCELLED
    assert len(done.started) == 10
    assert task.progress == Progress(30, 10, cancelled=20)
    assert [told["cancelled"] for told in done.told] == [20]
    assert {each.state for each in children(deployment, group)} == {
        State.SUCCEEDED,
        State.CANCELLED,
    }


def test_none_starts_after_the_cancel_though_nobody_has_stopped_it_yet(
    deployment: Deployment, done: Done
) -> None:
    group = submit_group(deployment.engine, numbers(3)).task.ref
    deployment.deliver()
    deployment.port.plan("refused", "SendMessageBatch")

    cancel(deployment.engine, group)
    deployment.deliver()
    deployment.deliver()

    assert done.started == []


def test_cancelling_one_child_leaves_the_others(deployment: Deployment, done: Done) -> None:
    group = submit_group(deployment.engine, numbers(3), callback=Draft("tell")).task.ref
    deployment.deliver()
    second = children(deployment, group)[1]

    cancel(deployment.engine, second.ref)
    deployment.pump()

    task = deployment.task(group.task)
    assert task.state is State.SUCCEEDED
    assert task.progress == Progress(3, 2, 0, 1)
    assert sorted(done.started) == [0, 2]
    assert len(done.told) == 1


def test_the_last_child_that_a_person_cancels_ends_its_group(
    deployment: Deployment, done: Done
) -> None:
    delayed = Draft("double", {"number": 1}, delay=timedelta(hours=1))
    group = submit_group(deployment.engine, [*numbers(1), delayed]).task.ref
    deployment.pump()
    assert deployment.task(group.task).phase is Phase.CHILDREN

    cancel(deployment.engine, children(deployment, group)[1].ref)
    deployment.pump()

    assert deployment.task(group.task).state is State.SUCCEEDED


def test_a_group_that_begins_again_does_what_has_not_succeeded(
    deployment: Deployment, done: Done
) -> None:
    done.bad = {1, 3}
    group = submit_group(deployment.engine, numbers(5), callback=Draft("tell")).task.ref
    deployment.pump()
    done.bad, done.started = {3}, []

    retry_again(deployment.engine, group, failed_items_only=True)
    deployment.pump()

    task = deployment.task(group.task)
    assert task.state is State.SUCCEEDED
    assert task.progress == Progress(5, 4, 1)
    assert sorted(done.started) == [1, 3]
    assert [told["failed"] for told in done.told] == [2, 1]


def test_a_cancelled_group_that_begins_again_begins_what_never_did(
    deployment: Deployment, done: Done
) -> None:
    group = submit_group(deployment.engine, numbers(120), callback=Draft("tell")).task.ref
    deployment.port.plan("killed after", "TransactWriteItems")
    deployment.deliver()
    cancel(deployment.engine, group)
    deployment.run_for(5 * MINUTE)
    assert deployment.task(group.task).state is State.CANCELLED
    assert deployment.task(group.task).children == 49
    assert done.started == []

    retry_again(deployment.engine, group)
    deployment.pump()

    assert deployment.task(group.task).state is State.SUCCEEDED
    assert sorted(done.started) == list(range(120))
    assert [told["cancelled"] for told in done.told] == [120, 0]


def test_a_group_that_is_cancelled_as_it_begins_again_ends_with_what_it_had_come_to(
    deployment: Deployment, done: Done
) -> None:
    done.bad = {1}
    group = submit_group(deployment.engine, numbers(3), callback=Draft("tell")).task.ref
    deployment.pump()
    retry_again(deployment.engine, group, failed_items_only=True)
    deployment.port.plan("killed after", "UpdateItem")
    deployment.deliver()

    cancel(deployment.engine, group)
    deployment.run_for(15 * MINUTE)

    task = deployment.task(group.task)
    assert task.state is State.CANCELLED
    assert task.progress == Progress(3, 2, 1)
    assert sorted(done.started) == [0, 1, 2]


def test_a_child_begins_again_with_its_group_only(deployment: Deployment, done: Done) -> None:
    done.bad = {1}
    group = submit_group(deployment.engine, numbers(2)).task.ref
    deployment.pump()

    with pytest.raises(NothingToRetry, match="part of"):
        retry_again(deployment.engine, children(deployment, group)[1].ref)


def test_children_end_by_the_deadline_of_their_group(deployment: Deployment, done: Done) -> None:
    drafts = [Draft("double", {"number": 1}, delay=timedelta(days=2), deadline=timedelta(days=9))]
    group = submit_group(
        deployment.engine, [*numbers(1), *drafts], callback=Draft("tell"), deadline=10 * MINUTE
    ).task.ref

    deployment.run_for(15 * MINUTE)

    task = deployment.task(group.task)
    assert [each.state for each in children(deployment, group)] == [State.SUCCEEDED, State.FAILED]
    assert task.state is State.SUCCEEDED
    assert task.has_errors
    assert len(done.told) == 1


def test_a_group_that_nobody_began_by_its_deadline_fails_and_has_its_callback(
    deployment: Deployment, done: Done
) -> None:
    pause(deployment.engine)
    group = submit_group(
        deployment.engine, numbers(2), callback=Draft("tell"), deadline=10 * MINUTE
    ).task.ref
    deployment.run_for(12 * MINUTE)

    resume(deployment.engine)
    deployment.run_for(5 * MINUTE)

    task = deployment.task(group.task)
    assert task.state is State.FAILED
    assert task.error is not None
    assert task.error.kind == "DeadlinePassed"
    assert done.started == []
    assert len(done.told) == 1


def test_children_are_kept_for_as_long_as_their_group_may_need_them(
    deployment: Deployment,
) -> None:
    late = Draft("double", {"number": 1}, delay=timedelta(days=30))
    group = submit_group(deployment.engine, [*numbers(1), late]).task.ref

    deployment.pump()

    first = children(deployment, group)[0]
    assert first.expires is not None
    assert first.expires > deployment.task(group.task).deadline + deployment.engine.retention


def test_large_specs_and_params_lie_in_the_bucket(deployment: Deployment, done: Done) -> None:
    wide = Draft("report", {"about": {"text": "x" * 20_000}})

    group = submit_group(deployment.engine, [wide, wide]).task

    assert group.params_object is not None
    deployment.pump()
    assert [told["text"] for told in done.told] == ["x" * 20_000] * 2
    assert all(each.params_object for each in children(deployment, group.ref))
