"""Children: what a task submits while it runs is a part of it, and it ends when they have."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.composed import Done, Number, registry
from tests.faults import Killed
from tests.harness import Deployment, deploy
from windrow import Context, Registry, Retry, RetryPolicy, task
from windrow.engine.cancel import cancel
from windrow.engine.retry_again import retry_again
from windrow.engine.submit import submit
from windrow.errors import DefinitionError
from windrow.model.ref import Ref
from windrow.model.states import Phase, State

MINUTE = timedelta(minutes=1)
type Body = Callable[[Context], object]


@contextmanager
def deployed(done: Done, body: Body, *, attempts: int = 3) -> Iterator[Deployment]:
    """A deployment with the task `parent`, which does what the test says."""
    policy = RetryPolicy(attempts=attempts, base=timedelta(seconds=1), cap=timedelta(seconds=1))

    @task("parent", retry=policy, deadline=timedelta(hours=1))
    def parent(context: Context) -> object:
        return body(context)

    with deploy(Registry([parent, *registry(done)])) as deployment:
        yield deployment


@pytest.fixture
def done() -> Done:
    return Done()


def doubled(context: Context, *numbers: int, delay: timedelta | None = None) -> list[str]:
    return [context.submit("double", {"number": each}, delay=delay) for each in numbers]


def states(deployment: Deployment, parent: Ref) -> list[State]:
    rows = deployment.engine.tasks.children.all(deployment.task(parent.task))
    return [deployment.task(row.ref.task).state for row in rows]


def test_a_task_ends_when_its_children_have(done: Done) -> None:
    def body(context: Context) -> str:
        doubled(context, 1, 2, 3, delay=timedelta(minutes=5))
        return "all are on their way"

    with deployed(done, body) as deployment:
        ref = submit(deployment.engine, "parent").task.ref
        deployment.pump()
        waiting = deployment.task(ref.task)

        deployment.run_for(10 * MINUTE)

        assert (waiting.state, waiting.phase) == (State.RUNNING, Phase.CHILDREN)
        assert waiting.result_expires is None
        task_ = deployment.task(ref.task)
        assert task_.state is State.SUCCEEDED
        assert task_.result == '"all are on their way"'
        assert task_.result_expires is not None
        assert sorted(done.started) == [1, 2, 3]


def test_a_later_attempt_makes_no_second_child(done: Done) -> None:
    def body(context: Context) -> None:
        doubled(context, 1, 2, 2)
        if context.attempt < 3:
            raise Retry

    with deployed(done, body) as deployment:
        ref = submit(deployment.engine, "parent").task.ref
        deployment.run_for(5 * MINUTE)

        assert deployment.task(ref.task).state is State.SUCCEEDED
        assert sorted(done.started) == [1, 2, 2]


def test_an_attempt_that_goes_on_from_a_cursor_adds_children(done: Done) -> None:
    def body(context: Context) -> None:
        for number in range(context.cursor or 0, 4):
            doubled(context, number)
            context.clock.sleep(timedelta(seconds=25))
            context.checkpoint(number + 1)

    with deployed(done, body) as deployment:
        ref = submit(deployment.engine, "parent").task.ref
        deployment.run_for(10 * MINUTE)

        assert deployment.task(ref.task).continuations > 0
        assert deployment.task(ref.task).children == 4
        assert sorted(done.started) == [0, 1, 2, 3]


def test_a_child_with_a_key_is_known_by_it(done: Done) -> None:
    ids = []

    def body(context: Context) -> None:
        ids.append(context.submit("double", {"number": 1}, key="a"))
        ids.append(context.submit("double", {"number": 1}, key="b"))
        ids.append(context.submit("double", {"number": 1}, key="a"))

    with deployed(done, body) as deployment:
        submit(deployment.engine, "parent")
        deployment.pump()

        assert ids[0] == ids[2] != ids[1]
        assert done.started == [1, 1]


def test_a_key_of_another_child_is_a_mistake_of_the_author(done: Done) -> None:
    def body(context: Context) -> None:
        context.submit("double", {"number": 1}, key="a")
        context.submit("double", {"number": 2}, key="a")

    with deployed(done, body) as deployment:
        ref = submit(deployment.engine, "parent").task.ref
        deployment.run_for(5 * MINUTE)

        failed = deployment.task(ref.task)
        assert failed.state is State.FAILED
        assert failed.error is not None
        assert failed.error.kind == "Misused"


def test_a_task_some_of_whose_children_failed_succeeds_with_errors(done: Done) -> None:
    done.bad = {2}
    with deployed(done, lambda context: doubled(context, 1, 2)) as deployment:
        ref = submit(deployment.engine, "parent").task.ref
        deployment.pump()

        assert deployment.task(ref.task).state is State.SUCCEEDED
        assert deployment.task(ref.task).has_errors
        assert deployment.task(ref.task).lost_children == 1


def test_a_task_that_fails_stops_its_children_and_ends_after_them(done: Done) -> None:
    def body(context: Context) -> None:
        doubled(context, 1, 2, delay=timedelta(minutes=5))
        raise ValueError("no")

    with deployed(done, body, attempts=1) as deployment:
        ref = submit(deployment.engine, "parent").task.ref
        deployment.pump()

        failed = deployment.task(ref.task)
        assert failed.state is State.FAILED
        assert failed.error is not None
        assert failed.error.message == "no"
        assert states(deployment, ref) == [State.CANCELLED] * 2
        assert done.started == []


def test_a_task_that_is_cancelled_while_it_waits_stops_its_children(done: Done) -> None:
    body: Body = lambda context: doubled(context, 1, 2, delay=timedelta(minutes=5))  # noqa: E731
    with deployed(done, body) as deployment:
        ref = submit(deployment.engine, "parent").task.ref
        deployment.pump()

        cancel(deployment.engine, ref)
        deployment.pump()

        assert deployment.task(ref.task).state is State.CANCELLED
        assert states(deployment, ref) == [State.CANCELLED] * 2


def test_a_task_that_is_cancelled_between_two_attempts_stops_its_children(done: Done) -> None:
    def body(context: Context) -> None:
        doubled(context, 1, 2, delay=timedelta(minutes=5))
        raise Retry(after=timedelta(minutes=2))

    with deployed(done, body) as deployment:
        ref = submit(deployment.engine, "parent").task.ref
        deployment.pump()
        assert deployment.task(ref.task).state is State.QUEUED

        cancel(deployment.engine, ref)
        deployment.pump()

        assert deployment.task(ref.task).state is State.CANCELLED
        assert states(deployment, ref) == [State.CANCELLED] * 2


def test_no_child_is_born_after_its_parents_end_was_asked_for(done: Done) -> None:
    deployments: list[Deployment] = []

    def body(context: Context) -> None:
        doubled(context, 1)
        cancel(deployments[0].engine, Ref("default", context.task_id))
        doubled(context, 2)

    with deployed(done, body) as deployment:
        deployments.append(deployment)
        ref = submit(deployment.engine, "parent").task.ref
        deployment.pump()

        assert deployment.task(ref.task).state is State.CANCELLED
        assert deployment.task(ref.task).children == 1
        assert done.started == []


def test_a_worker_that_dies_beside_its_child_leaves_one(done: Done) -> None:
    with deployed(done, lambda context: doubled(context, 1)) as deployment:
        ref = submit(deployment.engine, "parent").task.ref
        deployment.port.plan("killed after", "TransactWriteItems")

        deployment.run_for(10 * MINUTE)

        assert deployment.task(ref.task).state is State.SUCCEEDED
        assert deployment.task(ref.task).attempt == 2
        assert done.started == [1]


def test_a_parent_whose_attempts_die_ends_after_its_children(done: Done) -> None:
    def body(context: Context) -> None:
        doubled(context, 1, delay=timedelta(minutes=40))
        raise Killed

    with deployed(done, body) as deployment:
        ref = submit(deployment.engine, "parent").task.ref
        deployment.run_for(timedelta(minutes=30))

        assert deployment.task(ref.task).state is State.FAILED
        assert states(deployment, ref) == [State.CANCELLED]
        assert done.started == []


def test_when_it_begins_again_its_function_is_not_called_if_that_has_done_its_part(
    done: Done,
) -> None:
    done.bad = {1, 2}
    calls = []

    def body(context: Context) -> str:
        calls.append(context.attempt)
        doubled(context, 1, 2)
        return "kept"

    with deployed(done, body) as deployment:
        ref = submit(deployment.engine, "parent").task.ref
        deployment.pump()
        assert deployment.task(ref.task).state is State.FAILED
        done.bad = set()

        retry_again(deployment.engine, ref)
        deployment.pump()

        assert deployment.task(ref.task).state is State.SUCCEEDED
        assert deployment.task(ref.task).result == '"kept"'
        assert len(calls) == 1


def test_when_its_function_failed_it_is_called_again_and_meets_its_children(done: Done) -> None:
    calls = []

    def body(context: Context) -> None:
        doubled(context, 1, delay=timedelta(minutes=3))
        calls.append(context.attempt)
        if len(calls) == 1:
            raise ValueError("no")

    with deployed(done, body, attempts=1) as deployment:
        ref = submit(deployment.engine, "parent").task.ref
        deployment.pump()
        assert states(deployment, ref) == [State.CANCELLED]

        retry_again(deployment.engine, ref)
        deployment.pump()

        assert deployment.task(ref.task).state is State.SUCCEEDED
        assert deployment.task(ref.task).children == 1
        assert done.started == [1]


def test_children_may_have_children(done: Done) -> None:
    @task("grandparent")
    def grandparent(context: Context) -> None:
        context.submit("parent")

    with deployed(done, lambda context: doubled(context, 1)) as deployment:
        definitions = [grandparent, *deployment.engine.registry]
    with deploy(Registry(definitions)) as deployment:
        ref = submit(deployment.engine, "grandparent").task.ref
        deployment.pump()

        assert deployment.task(ref.task).state is State.SUCCEEDED
        assert states(deployment, ref) == [State.SUCCEEDED]
        assert done.started == [1]


def test_a_parent_that_is_cancelled_cancels_its_grandchildren(done: Done) -> None:
    @task("grandparent")
    def grandparent(context: Context) -> None:
        context.submit("parent")

    body: Body = lambda context: doubled(context, 1, delay=MINUTE)  # noqa: E731
    with deployed(done, body) as deployment:
        definitions = [grandparent, *deployment.engine.registry]
    with deploy(Registry(definitions)) as deployment:
        ref = submit(deployment.engine, "grandparent").task.ref
        deployment.pump()

        cancel(deployment.engine, ref)
        deployment.pump()

        assert deployment.task(ref.task).state is State.CANCELLED
        assert states(deployment, ref) == [State.CANCELLED]
        deployment.run_for(3 * MINUTE)
        assert done.started == []


def test_a_map_has_no_children(done: Done) -> None:
    @task.map("wrong", retry=RetryPolicy(attempts=1))
    def wrong(context: Context) -> range:
        context.submit("double", {"number": 1})
        return range(1)

    @wrong.each
    def each(context: Context, item: int) -> None: ...

    with deploy(Registry([wrong, *registry(done)])) as deployment:
        ref = submit(deployment.engine, "wrong").task.ref
        deployment.pump()

        failed = deployment.task(ref.task)
        assert failed.error is not None
        assert failed.error.kind == "Misused"


def test_an_author_cannot_take_a_name_of_windrows_own() -> None:
    @task("windrow.mine", params=Number)
    def mine(context: Context, params: Number) -> None: ...

    with pytest.raises(DefinitionError, match="Windrow's own"):
        Registry([mine])
