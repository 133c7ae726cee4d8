"""Explain on the real engine: what is read is what a task really waits for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine import control
from windrow.engine.cancel import cancel
from windrow.engine.claim import claim
from windrow.engine.explain import explain
from windrow.engine.submit import submit
from windrow.errors import NotFound
from windrow.model.explanation import Explanation, Reason
from windrow.model.priority import Mode
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.store.ready import Order

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def nothing(_context: Context) -> None:
    return None


def boom(_context: Context) -> None:
    raise ValueError("not now")


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    policy = RetryPolicy(
        attempts=4, base=HOUR, cap=HOUR, on={KeyError: RetryPolicy(attempts=2), OSError: None}
    )
    plain = task("plain")(nothing)
    failing = task("failing", retry=RetryPolicy(attempts=4, base=HOUR, cap=HOUR))(boom)
    by_kind = task("by kind", retry=policy)(boom)
    by_function = task("by function", retry=lambda _error, _failures: HOUR)(boom)
    limited = task("limited", limit=1)(nothing)

    @task.map("numbers", chunk_size=1, retry=RetryPolicy(attempts=3, base=HOUR, cap=HOUR))
    def numbers(_context: Context) -> range:
        return range(3)

    @numbers.chunk
    def number(_context: Context, items: list[int]) -> None:
        if items == [1]:
            raise ValueError("no ones")

    with deploy(Registry([plain, failing, by_kind, by_function, limited, numbers])) as deployed:
        yield deployed


def submitted(deployment: Deployment, name: str, *, priority: int | None = None) -> Ref:
    return submit(deployment.engine, name, priority=priority).task.ref


def claimed(deployment: Deployment, ref: Ref) -> Task:
    """A task that some worker has for a minute."""
    engine = deployment.engine
    definition = engine.registry.get(deployment.task(ref.task).name)
    until = deployment.clock.now() + MINUTE
    found = claim(engine, deployment.task(ref.task), until, definition.slots)
    assert found is not None
    return found


def told(deployment: Deployment, ref: Ref) -> Explanation:
    return explain(deployment.engine, ref)


def test_what_was_just_submitted_waits_for_a_worker(deployment: Deployment) -> None:
    ref = submitted(deployment, "plain")

    assert told(deployment, ref).reason is Reason.WAITS_FOR_WORKER


def test_who_comes_first_is_counted_by_priority_and_by_age(deployment: Deployment) -> None:
    for priority in (9, 7, 5, 1):
        submitted(deployment, "plain", priority=priority)
        deployment.clock.advance(SECOND)
    ref = submitted(deployment, "plain", priority=5)
    deployment.clock.advance(3 * SECOND)
    submitted(deployment, "plain", priority=5)
    deployment.clock.advance(3 * SECOND)

    found = told(deployment, ref)

    assert found.reason is Reason.BEHIND_OTHERS
    assert (found.facts["higher"], found.facts["older"]) == (2, 1)
    assert found.facts["is_partial"] is False


def test_no_more_than_a_hundred_are_counted(deployment: Deployment) -> None:
    for _ in range(105):
        submitted(deployment, "plain", priority=9)
    ref = submitted(deployment, "plain")
    deployment.clock.advance(3 * SECOND)

    found = told(deployment, ref)

    assert "behind at least 100 of higher priority" in found.sentence
    assert found.facts["is_partial"] is True


def test_where_priorities_age_all_that_is_more_urgent_is_counted_together(
    deployment: Deployment,
) -> None:
    order = Order(Mode.AGING)
    records = replace(deployment.engine.records, order=order)
    engine = replace(
        deployment.engine,
        records=records,
        tasks=replace(deployment.engine.tasks, records=records),
        ready=replace(deployment.engine.ready, order=order),
    )
    submit(engine, "plain", priority=9)
    ref = submit(engine, "plain", priority=1).task.ref
    deployment.clock.advance(3 * SECOND)

    found = explain(engine, ref)

    assert found.facts["more_urgent"] == 1
    assert "behind 1 that is more urgent by now." in found.sentence


def test_a_delayed_task_waits_for_its_time(deployment: Deployment) -> None:
    ref = submit(deployment.engine, "plain", delay=MINUTE).task.ref

    assert told(deployment, ref).reason is Reason.WAITS_FOR_TIME


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("failing", "for try 2 of 4, at"),
        ("by kind", "for try 2, at"),
        ("by function", "for try 2, at"),
    ],
)
def test_a_failed_task_waits_for_as_many_tries_as_its_policy_says(
    deployment: Deployment, name: str, said: str
) -> None:
    ref = submitted(deployment, name)
    deployment.pump()

    found = told(deployment, ref)

    assert found.reason is Reason.WAITS_FOR_RETRY
    assert said in found.sentence
    assert found.sentence.endswith("ended with ValueError: not now.")


def test_a_paused_pool_is_named_with_its_time(deployment: Deployment) -> None:
    paused = deployment.clock.now()
    control.pause(deployment.engine, "default")
    ref = submitted(deployment, "plain")

    found = told(deployment, ref)

    assert found.reason is Reason.POOL_PAUSED
    assert found.facts["paused_since"] == paused


def test_a_pause_of_this_moment_is_known_to_a_process_that_has_read_the_modes_before(
    deployment: Deployment,
) -> None:
    ref = submitted(deployment, "plain")
    deployment.engine.control.modes()
    elsewhere = type(deployment.engine.control)(
        deployment.engine.aws, "TasksTable", deployment.clock
    )
    elsewhere.pause("default")

    assert told(deployment, ref).reason is Reason.POOL_PAUSED


def test_a_limited_task_names_who_holds_the_slot(deployment: Deployment) -> None:
    holder = submitted(deployment, "limited")
    claimed(deployment, holder)
    ref = submitted(deployment, "limited")
    deployment.pump()

    found = told(deployment, ref)

    assert found.reason is Reason.WAITS_FOR_SLOT
    assert found.facts["holders"] == (holder.task,)
    assert f"the limit of 1 of 'limited' is used up by 1 attempt, {holder.task}." in found.sentence


def test_another_tenants_tasks_are_counted_and_not_named(deployment: Deployment) -> None:
    holder = submitted(deployment, "limited")
    claimed(deployment, holder)
    ref = submit(deployment.engine, "limited", tenant="another").task.ref
    deployment.pump()

    found = told(deployment, ref)

    assert (found.facts["held"], found.facts["holders"]) == (1, ())
    assert holder.task not in found.sentence


def test_a_lease_is_held_until_its_end_and_then_the_worker_is_gone(
    deployment: Deployment,
) -> None:
    ref = submitted(deployment, "plain")
    lease = claimed(deployment, ref).lease

    assert told(deployment, ref).facts == {"attempt": 1, "lease_until": lease}

    deployment.clock.advance(2 * MINUTE)
    assert told(deployment, ref).reason is Reason.WORKER_GONE


def test_a_request_to_stop_is_named(deployment: Deployment) -> None:
    ref = submitted(deployment, "plain")
    claimed(deployment, ref)
    cancel(deployment.engine, ref)

    assert told(deployment, ref).reason is Reason.CANCELLING


def test_a_map_names_its_chunks_and_why_the_oldest_waits(deployment: Deployment) -> None:
    ref = submitted(deployment, "numbers")
    deployment.pump()

    found = told(deployment, ref)

    assert found.reason is Reason.WAITS_FOR_CHUNKS
    assert "2 of 3 have ended, 0 run and 1 wait." in found.sentence
    (oldest,) = found.also
    assert oldest.reason is Reason.WAITS_FOR_RETRY
    assert oldest.sentence.startswith("Of its chunks the oldest is number 1. It waits for try 2 of")


def test_a_hint_that_is_lost_is_left_to_the_sweeper(deployment: Deployment) -> None:
    ref = submitted(deployment, "plain")
    deployment.hints.messages.clear()
    deployment.clock.advance(90 * SECOND)

    found = told(deployment, ref)

    assert found.reason is Reason.OVERLOOKED
    assert found.facts["next_look_at"] == deployment.task(ref.task).due


def test_a_task_that_gave_up_says_why(deployment: Deployment) -> None:
    ref = submitted(deployment, "failing")
    deployment.pump()
    deployment.run_for(timedelta(hours=5), tick=timedelta(minutes=10))

    found = told(deployment, ref)

    assert found.reason is Reason.FAILED
    assert "after 4 attempts, because of ValueError: not now." in found.sentence


def test_what_workers_of_this_version_do_not_know_is_said(deployment: Deployment) -> None:
    ref = submitted(deployment, "plain")
    with deploy(Registry([])) as other:
        other.engine.records.create(deployment.task(ref.task))

        assert explain(other.engine, ref).reason is Reason.UNKNOWN_TYPE


def test_nothing_is_written(deployment: Deployment) -> None:
    ref = submitted(deployment, "numbers")
    deployment.pump()
    before = len(deployment.port.calls)

    told(deployment, ref)

    assert {name for name, _ in deployment.port.calls[before:]} <= {"GetItem", "Query"}


def test_what_has_expired_is_not_found_like_what_never_was(deployment: Deployment) -> None:
    ref = submitted(deployment, "plain")
    deployment.pump()
    deployment.clock.advance(timedelta(days=400))

    for gone in (ref, Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E"), Ref("another", ref.task)):
        with pytest.raises(NotFound):
            explain(deployment.engine, gone)
