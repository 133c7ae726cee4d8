"""When a task may start: after a delay, at an instant, and not at all when that takes too long."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.harness import Deployment, deploy
from windrow import Context, Registry, Retry, RetryPolicy, task
from windrow.engine.submit import submit
from windrow.errors import InvalidOption
from windrow.model.records import Task
from windrow.model.states import State

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@task("wave", retry=RetryPolicy(attempts=2, base=20 * SECOND, cap=20 * SECOND))
def wave(context: Context) -> int:
    return context.attempt


@task("late", retry=RetryPolicy(attempts=9, base=10 * SECOND))
def late(context: Context) -> int:
    if context.attempt < 5:
        raise OSError("not yet")
    return context.attempt


@task("tomorrow")
def tomorrow(context: Context) -> None:
    if context.attempt == 1:
        raise Retry(after=5 * HOUR)


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy(Registry([wave, late, tomorrow])) as deployed:
        yield deployed


def started(deployment: Deployment, task_id: str, limit: timedelta) -> datetime:
    """Let seconds pass until a task has started; the sweeper comes each minute."""
    end = deployment.clock.now() + limit
    while deployment.clock.now() < end:
        if deployment.clock.now().second == 30:
            deployment.sweep()
        deployment.pump()
        found = deployment.task(task_id)
        if found.started:
            return found.started
        deployment.clock.advance(SECOND)
    raise AssertionError(f"not started within {limit}")


def submitted(deployment: Deployment, **options: Any) -> Task:
    return submit(deployment.engine, "wave", **options).task


def test_a_short_delay_is_one_message_and_to_the_second(deployment: Deployment) -> None:
    wanted = submitted(deployment, delay=14 * MINUTE)

    begun = started(deployment, wanted.ref.task, HOUR)

    assert begun - wanted.created == 14 * MINUTE
    assert deployment.port.count("SendMessageBatch") == 1


def test_an_instant_may_be_asked_for(deployment: Deployment) -> None:
    at = deployment.clock.now() + 14 * MINUTE

    wanted = submitted(deployment, at=at)

    assert wanted.not_before == at
    assert started(deployment, wanted.ref.task, HOUR) == at


def test_an_instant_between_milliseconds_does_not_start_early(deployment: Deployment) -> None:
    at = deployment.clock.now() + timedelta(seconds=1, microseconds=300)

    wanted = submitted(deployment, at=at)

    assert deployment.task(wanted.ref.task).not_before == at + timedelta(microseconds=700)


def test_an_instant_that_has_passed_means_now(deployment: Deployment) -> None:
    wanted = submitted(deployment, at=deployment.clock.now() - MINUTE)

    assert started(deployment, wanted.ref.task, MINUTE) == wanted.created


def test_a_long_delay_sends_no_message_before_its_last_minutes(deployment: Deployment) -> None:
    wanted = submitted(deployment, delay=3 * HOUR)

    deployment.run_for(2 * HOUR)

    assert deployment.hints.messages == []
    assert deployment.task(wanted.ref.task).state is State.QUEUED


@pytest.mark.parametrize("seconds", [16 * 60, 3600 + 7, 7200 + 59])
def test_a_long_delay_is_to_the_second_too(deployment: Deployment, seconds: int) -> None:
    wanted = submitted(deployment, delay=seconds * SECOND)

    assert started(deployment, wanted.ref.task, 3 * HOUR) == wanted.not_before
    assert deployment.port.count("SendMessageBatch") == 1


def test_a_lost_hint_of_a_long_delay_is_sent_again_after_a_minute(deployment: Deployment) -> None:
    wanted = submitted(deployment, delay=HOUR)
    deployment.run_for(55 * MINUTE)
    deployment.hints.lose()

    begun = started(deployment, wanted.ref.task, HOUR)

    assert timedelta() < begun - wanted.not_before <= 2 * MINUTE


def test_a_retry_after_hours_waits_in_its_record(deployment: Deployment) -> None:
    wanted = submit(deployment.engine, "tomorrow").task
    deployment.pump()
    assert deployment.hints.messages == []

    deployment.run_for(DAY)

    ended = deployment.task(wanted.ref.task)
    assert ended.state is State.SUCCEEDED
    assert deployment.port.count("SendMessageBatch") == 2, "its submission, and the retry"


def test_a_delay_of_a_year_is_kept(deployment: Deployment) -> None:
    wanted = submitted(deployment, delay=365 * DAY)

    deployment.clock.advance(364 * DAY)
    deployment.run_for(DAY - HOUR)
    assert deployment.task(wanted.ref.task).state is State.QUEUED
    deployment.run_for(HOUR + 2 * MINUTE)

    assert deployment.task(wanted.ref.task).state is State.SUCCEEDED


def test_a_deadline_counts_from_the_start_that_was_asked_for(deployment: Deployment) -> None:
    wanted = submitted(deployment, delay=3 * DAY)

    assert wanted.deadline == wanted.created + 3 * DAY + wave.deadline


def test_a_hint_that_comes_early_starts_nothing(deployment: Deployment) -> None:
    wanted = submitted(deployment, delay=10 * MINUTE)
    deployment.clock.advance(MINUTE)
    for message in deployment.hints.messages:
        message.visible = deployment.clock.now()

    deployment.pump()

    assert deployment.task(wanted.ref.task).state is State.QUEUED
    assert started(deployment, wanted.ref.task, HOUR) == wanted.not_before


@pytest.mark.parametrize(
    ("options", "option", "expected"),
    [
        ({"delay": -SECOND}, "delay", "between 0 and 366 days"),
        ({"delay": 367 * DAY}, "delay", "between 0 and 366 days, not 367 days"),
        ({"delay": 5}, "delay", "a timedelta"),
        ({"at": datetime(2030, 1, 1)}, "at", "time zone"),  # noqa: DTZ001 - the mistake in question
        ({"at": datetime(2999, 1, 1, tzinfo=UTC)}, "at", "within 366 days"),
        ({"at": datetime(2026, 1, 16, tzinfo=UTC), "delay": SECOND}, "at", "left out"),
        (
            {"start_within": timedelta()},
            "start_within",
            "positive, and at most 3660 days, not 0 seconds",
        ),
        ({"deadline": -SECOND}, "deadline", "positive"),
        ({"deadline": timedelta.max}, "deadline", "at most 3660 days"),
        ({"priority": 0}, "priority", "1 to 10"),
        ({"priority": 11}, "priority", "1 to 10"),
        ({"priority": True}, "priority", "1 to 10"),
        ({"priority": 2.5}, "priority", "1 to 10"),
        ({"unique": ""}, "unique", "1 to 255"),
        ({"unique": "\ud800"}, "unique", "1 to 255"),
        ({"key": ""}, "key", "1 to 255"),
        ({"key": "x" * 256}, "key", "1 to 255"),
    ],
)
def test_an_impossible_option_is_refused_by_its_name(
    deployment: Deployment, options: dict[str, Any], option: str, expected: str
) -> None:
    with pytest.raises(InvalidOption, match=expected) as refusal:
        submitted(deployment, **options)

    assert refusal.value.option == option
    assert isinstance(refusal.value, ValueError)
    assert deployment.port.count("PutItem") == 0


def test_a_submission_overrides_what_the_task_declares(deployment: Deployment) -> None:
    wanted = submitted(deployment, priority=9, deadline=MINUTE, unique="the one")

    assert (wanted.priority, wanted.unique) == (9, "the one")
    assert wanted.deadline == wanted.created + MINUTE
    assert not submit(deployment.engine, "wave", unique="the one").is_new
    assert submit(deployment.engine, "wave", unique="another").is_new


def test_a_task_that_is_not_started_in_time_fails(deployment: Deployment) -> None:
    wanted = submitted(deployment, start_within=5 * MINUTE)
    deployment.clock.advance(5 * MINUTE)

    deployment.pump()

    ended = deployment.task(wanted.ref.task)
    assert ended.state is State.FAILED
    assert ended.error is not None
    assert (ended.error.kind, ended.started) == ("NotStarted", None)


def test_a_task_that_no_worker_takes_in_time_is_failed_by_the_sweeper(
    deployment: Deployment,
) -> None:
    wanted = submitted(deployment, start_within=10 * SECOND)
    deployment.hints.lose()
    deployment.clock.advance(11 * SECOND)

    deployment.sweep()

    ended = deployment.task(wanted.ref.task)
    assert ended.state is State.FAILED
    assert ended.error is not None
    assert ended.error.message == "No worker was free to start it in time."


def test_a_time_in_the_queue_counts_from_the_start_that_was_asked_for(
    deployment: Deployment,
) -> None:
    wanted = submitted(deployment, delay=10 * MINUTE, start_within=5 * SECOND)

    assert started(deployment, wanted.ref.task, HOUR) == wanted.not_before


def test_a_task_that_has_started_may_take_its_time(deployment: Deployment) -> None:
    wanted = submit(deployment.engine, "late", start_within=SECOND).task
    deployment.pump()

    deployment.run_for(HOUR)

    ended = deployment.task(wanted.ref.task)
    assert ended.state is State.SUCCEEDED
    assert ended.attempt == 5
