"""What a failed attempt leads to: as its policy, its hook, the task or an upstream says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.harness import Deployment, deploy
from windrow import GIVE_UP, Context, Registry, Retry, RetryPolicy, task
from windrow.engine.compose import submit_group
from windrow.engine.definition import Definition
from windrow.engine.retry_again import retry_again
from windrow.engine.settle import CRASH_BUDGET
from windrow.engine.submit import submit
from windrow.errors import InvalidOption
from windrow.model.draft import Draft
from windrow.model.records import Task
from windrow.model.states import State
from windrow.model.terms import Terms

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def failing(error: BaseException | type[BaseException], **options: Any) -> Definition:
    """A task whose every attempt raises this error."""

    @task("failing", **options)
    def fail(context: Context) -> None:
        raise error

    return fail


def first_failure(deployment: Deployment) -> Task:
    """The task after its first attempt."""
    task_id = submit(deployment.engine, "failing").task.ref.task
    deployment.deliver()
    return deployment.task(task_id)


def wait_of(record: Task) -> timedelta:
    return record.not_before - record.queued


@dataclass
class Response:
    """What requests, httpx and their like hang on an error."""

    headers: Mapping[str, str]


class Refusal(Exception):
    """What an upstream answered."""

    def __init__(self, **headers: str) -> None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.response = Response(names)
        super().__init__("429 Too Many Requests")


class Busy(Exception):
    """An error that knows how long to wait."""

    def __init__(self, retry_after: object) -> None:
        self.retry_after = retry_after
        super().__init__("busy")


def test_an_error_of_a_class_with_a_policy_of_its_own_follows_that() -> None:
    policy = RetryPolicy(attempts=1, on={ConnectionError: RetryPolicy(attempts=3)})
    with deploy(Registry([failing(ConnectionResetError("reset"), retry=policy)])) as deployment:
        task_id = submit(deployment.engine, "failing").task.ref.task

        deployment.run_for(HOUR)

        assert deployment.task(task_id).attempt == 3


def test_an_error_of_a_class_without_a_policy_is_given_up_at_once() -> None:
    policy = RetryPolicy(attempts=9, on={ValueError: None})
    with deploy(Registry([failing(ValueError("no country"), retry=policy)])) as deployment:
        ended = first_failure(deployment)

        assert ended.state is State.FAILED
        assert ended.error is not None
        assert (ended.error.kind, ended.error.message) == ("ValueError", "no country")


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_a_submission_may_say_how_many_retries_there_are(retries: int) -> None:
    policy = RetryPolicy(attempts=3, base=MINUTE, cap=MINUTE)
    with deploy(Registry([failing(OSError("down"), retry=policy)])) as deployment:
        task_id = submit(deployment.engine, "failing", max_retries=retries).task.ref.task

        deployment.run_for(HOUR)

        ended = deployment.task(task_id)
        assert (ended.state, ended.attempt) == (State.FAILED, retries + 1)
        assert ended.failures == retries


@pytest.mark.parametrize(
    "options",
    [{"on_error": lambda context, error: MINUTE}, {"retry": lambda error, failures: MINUTE}],
    ids=["hook", "function"],
)
def test_nobody_gets_beyond_the_retries_of_a_submission(options: dict[str, Any]) -> None:
    with deploy(Registry([failing(OSError("down"), **options)])) as deployment:
        task_id = submit(deployment.engine, "failing", max_retries=2).task.ref.task

        deployment.run_for(HOUR)

        assert deployment.task(task_id).attempt == 3


def test_an_error_that_is_given_up_at_once_has_no_retries() -> None:
    policy = RetryPolicy(on={ValueError: None})
    with deploy(Registry([failing(ValueError("no country"), retry=policy)])) as deployment:
        task_id = submit(deployment.engine, "failing", max_retries=5).task.ref.task

        deployment.run_for(HOUR)

        assert deployment.task(task_id).attempt == 1


def test_the_chunks_of_a_map_have_the_retries_of_its_submission() -> None:
    @task.map("failing", chunk_size=1)
    def plan(context: Context) -> list[int]:
        return [1]

    @plan.each
    def each(context: Context, item: int) -> None:
        raise OSError("down")

    with deploy(Registry([plan])) as deployment:
        task_id = submit(deployment.engine, "failing", max_retries=1).task.ref.task

        deployment.run_for(HOUR)

        assert [chunk.attempt for chunk in deployment.chunks(task_id)] == [2]


def test_a_child_a_part_and_a_task_that_begins_again_have_their_own() -> None:
    @task("parent", retry=RetryPolicy(attempts=1))
    def parent(context: Context) -> str:
        return context.submit("failing", max_retries=0)

    with deploy(Registry([parent, failing(OSError("down"))])) as deployment:
        engine = deployment.engine
        begun = submit(engine, "parent").task.ref.task
        alone = submit(engine, "failing", max_retries=1).task.ref
        group = submit_group(engine, [Draft("failing", max_retries=4)]).task
        deployment.run_for(HOUR)
        retry_again(engine, alone)
        deployment.run_for(HOUR)

        (child,) = engine.tasks.children.all(deployment.task(begun))
        (part,) = engine.tasks.children.all(deployment.task(group.ref.task))
        attempts = [deployment.task(ref.task).attempt for ref in (child.ref, alone, part.ref)]
        assert attempts == [1, 2 + 2, 5]


@pytest.mark.parametrize("retries", [-1, 11, True, 1.0])
def test_retries_are_a_whole_number_from_0_to_10(retries: Any) -> None:
    with pytest.raises(InvalidOption, match="max_retries must be a whole number from 0 to 10"):
        Terms(max_retries=retries)


def test_a_function_may_be_the_policy() -> None:
    def decide(error: BaseException, failures: int) -> timedelta | None:
        return failures * MINUTE if failures < 3 else None

    with deploy(Registry([failing(OSError("down"), retry=decide)])) as deployment:
        waiting = first_failure(deployment)
        deployment.run_for(HOUR)

        ended = deployment.task(waiting.ref.task)
        assert wait_of(waiting) == MINUTE
        assert (ended.state, ended.attempt) == (State.FAILED, 3)


@pytest.mark.parametrize("mistake", [TypeError("oops"), None])
def test_a_function_that_fails_leaves_the_decision_to_the_usual_policy(
    mistake: Exception | None,
) -> None:
    def decide(error: BaseException, failures: int) -> Any:
        if mistake:
            raise mistake
        return "soon"

    with deploy(Registry([failing(OSError("down"), retry=decide)])) as deployment:
        task_id = submit(deployment.engine, "failing").task.ref.task
        deployment.run_for(HOUR)

        ended = deployment.task(task_id)
        assert (ended.state, ended.attempt) == (State.FAILED, RetryPolicy().attempts)
        assert "hook.failed" in deployment.telemetry.verbs()


@pytest.mark.parametrize("after", [5 * MINUTE, 300, 300.0])
def test_a_task_that_asks_to_be_tried_again_is_tried_then(after: timedelta | float) -> None:
    with deploy(Registry([failing(Retry(after=after))])) as deployment:
        assert wait_of(first_failure(deployment)) == 5 * MINUTE


def test_a_task_may_ask_for_an_instant() -> None:
    with deploy(Registry([])) as deployment:
        at = deployment.clock.now() + 7 * MINUTE
    with deploy(Registry([failing(Retry(after=at))])) as deployment:
        assert first_failure(deployment).not_before == at


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Retry(after=datetime(2026, 1, 15))  # noqa: DTZ001


def test_a_hook_may_let_it_wait_longer_than_it_asked_for() -> None:
    definition = failing(Retry(after=MINUTE), on_error=lambda context, error: HOUR)
    with deploy(Registry([definition])) as deployment:
        assert wait_of(first_failure(deployment)) == HOUR


def test_a_task_that_always_asks_again_is_given_up_after_its_attempts() -> None:
    @task("failing", retry=RetryPolicy(attempts=3))
    def impatient(context: Context) -> None:
        try:
            raise ConnectionError("nobody there")
        except ConnectionError as error:
            raise Retry(after=SECOND) from error

    with deploy(Registry([impatient])) as deployment:
        task_id = submit(deployment.engine, "failing").task.ref.task

        deployment.run_for(HOUR)

        ended = deployment.task(task_id)
        assert (ended.state, ended.attempt, ended.failures) == (State.FAILED, 3, 2)
        assert ended.error is not None
        assert ended.error.message == "ConnectionError: nobody there"


@pytest.mark.parametrize(
    "error",
    [
        Busy(600),
        Busy(10 * MINUTE),
        Busy("600"),
        Refusal(Retry_After="600"),
        Refusal(retry_after="600"),
        Refusal(Retry_After="Thu, 15 Jan 2026 10:40:00 GMT"),
    ],
)
def test_an_upstreams_retry_after_is_waited_for(error: Exception) -> None:
    with deploy(Registry([failing(error)])) as deployment:
        assert wait_of(first_failure(deployment)) == 10 * MINUTE


def test_an_upstreams_retry_after_does_not_shorten_the_policys_wait() -> None:
    with deploy(Registry([failing(Busy(1), retry=lambda error, failures: MINUTE)])) as deployment:
        assert wait_of(first_failure(deployment)) == MINUTE


@pytest.mark.parametrize(
    "asked",
    ["soon", "", None, True, float("nan"), object(), datetime(2026, 1, 15)],  # noqa: DTZ001
)
def test_what_cannot_be_understood_asks_for_nothing(asked: object) -> None:
    with deploy(
        Registry([failing(Busy(asked), retry=lambda error, failures: MINUTE)])
    ) as deployment:
        assert wait_of(first_failure(deployment)) == MINUTE


def test_a_retry_after_beyond_the_deadline_ends_the_task_with_that_reason() -> None:
    definition = failing(Refusal(Retry_After="7200"), deadline=HOUR)
    with deploy(Registry([definition])) as deployment:
        ended = first_failure(deployment)

        assert ended.state is State.FAILED
        assert ended.error is not None
        assert ended.error.message == (
            "429 Too Many Requests"
            " (It asked to wait until 2026-01-15 12:30:00Z, after the task's deadline.)"
        )


def test_the_error_hook_sees_each_failed_attempt() -> None:
    seen = []

    def tell(context: Context, error: BaseException) -> None:
        seen.append((context.attempt, str(error)))

    definition = failing(OSError("down"), on_error=tell, retry=RetryPolicy(attempts=3))
    with deploy(Registry([definition])) as deployment:
        task_id = submit(deployment.engine, "failing").task.ref.task

        deployment.run_for(HOUR)

        assert seen == [(1, "down"), (2, "down"), (3, "down")]
        assert deployment.task(task_id).state is State.FAILED


def test_the_error_hook_may_give_up() -> None:
    definition = failing(OSError("down"), on_error=lambda context, error: GIVE_UP)
    with deploy(Registry([definition])) as deployment:
        assert first_failure(deployment).state is State.FAILED


def test_the_error_hook_may_ask_for_another_try_that_the_policy_would_not_give() -> None:
    async def insist(context: Context, error: BaseException) -> timedelta:
        return 9 * SECOND

    definition = failing(OSError("down"), on_error=insist, retry=RetryPolicy(attempts=1))
    with deploy(Registry([definition])) as deployment:
        assert wait_of(first_failure(deployment)) == 9 * SECOND


def test_a_task_whose_hook_always_asks_for_more_fails_at_its_deadline_with_the_reason() -> None:
    definition = failing(OSError("down"), on_error=lambda *_: MINUTE, deadline=HOUR)
    with deploy(Registry([definition])) as deployment:
        task_id = submit(deployment.engine, "failing").task.ref.task

        deployment.run_for(2 * HOUR)

        ended = deployment.task(task_id)
        assert ended.state is State.FAILED
        assert ended.error is not None
        assert ended.error.message == "down"


@pytest.mark.parametrize("answer", ["give up", True, 7])
def test_a_hook_that_answers_nonsense_is_logged_and_the_policy_decides(answer: object) -> None:
    definition = failing(OSError("down"), on_error=lambda context, error: answer)
    with deploy(Registry([definition])) as deployment:
        assert first_failure(deployment).state is State.QUEUED
        assert "hook.failed" in deployment.telemetry.verbs()


def test_a_hook_that_raises_is_logged_and_the_policy_decides() -> None:
    def broken(context: Context, error: BaseException) -> None:
        raise KeyError("pager")

    definition = failing(OSError("down"), on_error=broken, retry=RetryPolicy(attempts=1))
    with deploy(Registry([definition])) as deployment:
        ended = first_failure(deployment)

        assert ended.error is not None
        assert ended.error.message == "down"
        assert "hook.failed" in deployment.telemetry.verbs()


class Speechless(Exception):
    """An error that cannot say what it is, and whose every property is a trap."""

    def __str__(self) -> str:
        raise RuntimeError("no words")

    @property
    def retry_after(self) -> None:
        raise RuntimeError("no number")


class Odd(BaseException):
    """What some libraries raise to get past everybody's `except Exception`."""


async def cancelled_within() -> None:
    import asyncio

    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Speechless(), "Speechless"),
        (SystemExit(1), "SystemExit"),
        (RecursionError("too deep"), "RecursionError"),
        (MemoryError(), "MemoryError"),
        (Odd("of a kind of its own"), "Odd"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), "UnicodeDecodeError"),
    ],
)
def test_whatever_a_task_raises_it_ends_as_failed_with_the_reason(
    error: BaseException, kind: str
) -> None:
    definition = failing(error, retry=RetryPolicy(attempts=2))
    with deploy(Registry([definition])) as deployment:
        task_id = submit(deployment.engine, "failing").task.ref.task

        deployment.run_for(HOUR)

        ended = deployment.task(task_id)
        assert (ended.state, ended.attempt) == (State.FAILED, 2)
        assert ended.error is not None
        assert ended.error.kind == kind


def test_a_coroutine_that_is_cancelled_from_within_has_failed() -> None:
    @task("failing", retry=RetryPolicy(attempts=1))
    async def odd(context: Context) -> None:
        await cancelled_within()

    with deploy(Registry([odd])) as deployment:
        ended = first_failure(deployment)

        assert ended.state is State.FAILED


def test_an_attempt_that_overruns_its_timeout_is_replaced() -> None:
    deadlines = []

    @task("slow", timeout=20 * SECOND)
    def slow(context: Context) -> str:
        deadlines.append(context.deadline)
        if context.attempt == 1:
            deployment.run_for(3 * MINUTE)
            return "late"
        return "in time"

    with deploy(Registry([slow])) as deployment:
        began = deployment.clock.now()
        task_id = submit(deployment.engine, "slow").task.ref.task

        deployment.pump()

        ended = deployment.task(task_id)
        assert deadlines[0] == began + 20 * SECOND
        assert (ended.state, ended.attempt, ended.result) == (State.SUCCEEDED, 2, '"in time"')
        assert "attempt.fenced" in deployment.telemetry.verbs()


def test_a_task_that_always_overruns_its_timeout_fails_as_crashed() -> None:
    @task("slow", timeout=20 * SECOND)
    def slow(context: Context) -> None:
        deployment.clock.advance(MINUTE)
        raise KeyboardInterrupt

    with deploy(Registry([slow])) as deployment:
        task_id = submit(deployment.engine, "slow").task.ref.task

        for _ in range(60):
            try:
                deployment.run_for(MINUTE)
            except KeyboardInterrupt:
                continue

        ended = deployment.task(task_id)
        assert (ended.state, ended.attempt) == (State.FAILED, CRASH_BUDGET + 1)
        assert ended.error is not None
        assert ended.error.message == "It crashed or timed out 6 times."


def test_an_attempt_never_lasts_longer_than_the_tasks_deadline() -> None:
    @task("slow", timeout=HOUR, deadline=15 * SECOND)
    def slow(context: Context) -> None:
        assert context.deadline == context.created + 15 * SECOND

    with deploy(Registry([slow])) as deployment:
        task_id = submit(deployment.engine, "slow").task.ref.task

        deployment.pump()

        assert deployment.task(task_id).state is State.SUCCEEDED
