"""What pause, drain and resume do to work that waits, runs or comes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.harness import ENVIRONMENT, Deployment, deploy
from tests.numbers import World, numbers
from windrow import Context, Registry, task, wiring
from windrow.aws.port import Answer, Parameters
from windrow.engine.cancel import cancel
from windrow.engine.control import drain, pause, resume
from windrow.engine.engine import Engine
from windrow.engine.retry_again import retry_again
from windrow.engine.submit import submit
from windrow.errors import Draining, UnknownPool
from windrow.model.modes import Mode, Modes
from windrow.model.states import State
from windrow.telemetry.metrics import Metric

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def deploy_beside(deployed: Deployment) -> Engine:
    """Another process of the same deployment: its own engine, with its own memory."""
    return wiring.engine(
        deployed.engine.registry,
        deployed.telemetry,
        aws=deployed.engine.aws,
        clock=deployed.clock,
        environment=ENVIRONMENT,
    )


@pytest.fixture
def ran() -> list[str]:
    return []


@pytest.fixture
def plain(ran: list[str]) -> Iterator[Deployment]:
    @task("plain")
    def work(context: Context) -> None:
        ran.append(context.task_id)

    @task("other", pool="long", deadline=timedelta(hours=3))
    def other(context: Context) -> None:
        ran.append(context.task_id)

    with deploy(Registry([work, other])) as deployed:
        yield deployed


def test_a_paused_pool_accepts_tasks_and_starts_none(plain: Deployment, ran: list[str]) -> None:
    pause(plain.engine)
    task_id = submit(plain.engine, "plain").task.ref.task

    plain.run_for(10 * MINUTE)

    assert ran == []
    assert plain.task(task_id).state is State.QUEUED


@pytest.mark.parametrize("paused", [3 * MINUTE, 30 * MINUTE, timedelta(hours=5)])
def test_what_waited_starts_by_itself_with_the_first_tick_after_the_resume(
    plain: Deployment, paused: timedelta
) -> None:
    pause(plain.engine)
    task_id = submit(plain.engine, "plain").task.ref.task
    plain.run_for(paused)
    resume(plain.engine)
    plain.hints.lose()

    plain.run_for(MINUTE)

    assert plain.task(task_id).state is State.SUCCEEDED


def test_an_order_whose_answer_is_lost_is_given_twice_and_holds_once(plain: Deployment) -> None:
    plain.port.plan("answer lost", "UpdateItem")

    assert pause(plain.engine, "default").of("default").since == plain.clock.now()
    assert pause(plain.engine, "default").of("default").mode is Mode.PAUSE


def test_a_resume_wakes_what_waits_as_soon_as_every_function_knows(
    plain: Deployment, ran: list[str]
) -> None:
    pause(plain.engine, "default")
    accepted = [submit(plain.engine, "plain").task.ref.task for _ in range(12)]
    plain.hints.lose()
    deploy_beside(plain).control.modes()

    resume(plain.engine, "default")
    assert plain.pump() == 0
    plain.clock.advance(5 * SECOND)
    plain.pump()

    assert sorted(ran) == sorted(accepted)


def test_a_busy_pool_does_not_hide_what_a_resume_wakes(
    plain: Deployment, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("windrow.engine.control.WOKEN", 3)
    pause(plain.engine, "default")
    accepted = [submit(plain.engine, "plain").task.ref.task for _ in range(2)]
    for _ in range(60):
        submit(plain.engine, "other")
    plain.hints.lose()

    resume(plain.engine, "default")
    plain.clock.advance(5 * SECOND)
    plain.pump()

    assert sorted(ran) == sorted(accepted)


def test_a_resume_looks_at_records_for_ten_seconds_at_the_most(plain: Deployment) -> None:
    pause(plain.engine, "default")
    for _ in range(300):
        submit(plain.engine, "other")
    plain.hints.lose()
    plain.port.calls.clear()
    slow = replace(plain.engine, due=replace(plain.engine.due, aws=Slow(plain)))

    resume(slow, "default")

    assert plain.port.count("BatchGetItem") == 2


@dataclass
class Slow:
    """A DynamoDB whose batches take six seconds each."""

    deployment: Deployment

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        if operation == "BatchGetItem":
            self.deployment.clock.advance(6 * SECOND)
        return self.deployment.engine.aws.call(service, operation, parameters)


def test_a_resume_that_can_wake_nobody_is_one_all_the_same(plain: Deployment) -> None:
    pause(plain.engine)
    task_id = submit(plain.engine, "plain").task.ref.task
    plain.hints.lose()
    plain.port.plan("refused", "Query")

    resume(plain.engine)
    assert plain.hints.messages == []
    plain.run_for(2 * MINUTE)

    assert plain.task(task_id).state is State.SUCCEEDED


def test_a_resume_of_what_was_not_paused_wakes_nobody(plain: Deployment) -> None:
    drain(plain.engine)
    plain.port.calls.clear()

    resume(plain.engine)

    assert plain.port.count("Query") == 0


def test_what_had_been_hinted_at_often_starts_as_soon(plain: Deployment) -> None:
    task_id = submit(plain.engine, "plain").task.ref.task
    for _ in range(40):
        plain.clock.advance(MINUTE)
        plain.sweep()
        plain.hints.lose()
    assert plain.task(task_id).sends > 3
    pause(plain.engine)
    plain.run_for(20 * MINUTE)
    resume(plain.engine)

    plain.run_for(2 * MINUTE)

    assert plain.task(task_id).state is State.SUCCEEDED


def test_a_paused_hint_comes_back_a_minute_later_and_is_let_go_before_it_dies(
    plain: Deployment,
) -> None:
    pause(plain.engine)
    submit(plain.engine, "plain")
    plain.pump()
    (message,) = plain.hints.messages
    assert message.visible - plain.clock.now() == MINUTE

    for _ in range(8):
        plain.clock.advance(MINUTE)
        plain.pump()

    assert plain.hints.messages == []
    assert plain.hints.dead == []
    assert Metric.MESSAGES_FAILED not in plain.telemetry.counts


def test_a_sweep_sends_nothing_to_a_paused_pool_and_counts_nothing(plain: Deployment) -> None:
    pause(plain.engine, "default")
    waiting = submit(plain.engine, "plain").task.ref.task
    running = submit(plain.engine, "other").task.ref.task
    plain.hints.lose()

    for _ in range(30):
        plain.clock.advance(MINUTE)
        plain.sweep()

    assert plain.task(waiting).sends == 0
    assert plain.task(running).sends > 0
    due = plain.task(waiting).due
    assert due is not None
    assert due <= plain.clock.now() + MINUTE


def test_a_pause_is_no_backlog(plain: Deployment) -> None:
    pause(plain.engine)
    submit(plain.engine, "plain")
    plain.run_for(10 * MINUTE)
    plain.telemetry.counts.clear()

    plain.run_for(10 * MINUTE)

    assert plain.telemetry.counts[Metric.OLDEST_OVERDUE_SECONDS] / 10 <= 60


def test_a_deadline_that_passes_in_a_pause_is_kept(plain: Deployment, ran: list[str]) -> None:
    pause(plain.engine)
    task_id = submit(plain.engine, "other").task.ref.task

    plain.run_for(timedelta(hours=3, minutes=2))

    ended = plain.task(task_id)
    assert ran == []
    assert ended.state is State.FAILED
    assert ended.error is not None
    assert ended.error.kind == "DeadlinePassed"


def test_other_pools_run_on(plain: Deployment, ran: list[str]) -> None:
    pause(plain.engine, "default")
    submit(plain.engine, "plain")
    other = submit(plain.engine, "other").task.ref.task

    plain.pump()

    assert ran == [other]


def test_a_task_that_runs_when_its_pool_is_paused_runs_to_its_end() -> None:
    @task("pausing")
    def pausing(context: Context) -> str:
        pause(deployed.engine)
        return "done"

    with deploy(Registry([pausing])) as deployed:
        task_id = submit(deployed.engine, "pausing").task.ref.task
        deployed.pump()

        assert deployed.task(task_id).state is State.SUCCEEDED


def test_chunks_wait_too_and_every_item_is_done_once(world: World) -> None:
    registry, _ = numbers(world)
    with deploy(registry) as deployed:
        task_id = submit(deployed.engine, "numbers").task.ref.task
        deployed.deliver()
        deployed.deliver()
        pause(deployed.engine)
        deployed.clock.advance(6 * SECOND)
        deployed.run_for(15 * MINUTE)
        assert len(world.done) == 50

        resume(deployed.engine)
        deployed.run_for(3 * MINUTE)

        assert deployed.task(task_id).state is State.SUCCEEDED
        assert sorted(world.done) == list(range(250))


def test_a_draining_pool_refuses_tasks_and_writes_nothing(plain: Deployment) -> None:
    drain(plain.engine, "default")
    writes = plain.port.count("PutItem")

    with pytest.raises(Draining) as refused:
        submit(plain.engine, "plain")

    assert refused.value.retry_after == MINUTE
    assert plain.port.count("PutItem") == writes
    assert plain.hints.messages == []
    assert submit(plain.engine, "other").is_new


def test_a_draining_pool_runs_what_waits_until_nothing_is_left(
    plain: Deployment, ran: list[str]
) -> None:
    accepted = [submit(plain.engine, "plain").task.ref.task for _ in range(3)]
    plain.hints.lose()
    drain(plain.engine)

    plain.run_for(3 * MINUTE)

    assert sorted(ran) == sorted(accepted)


def test_an_order_reaches_a_process_within_five_seconds_and_costs_one_read(
    plain: Deployment, ran: list[str]
) -> None:
    submit(plain.engine, "plain")
    other = deploy_beside(plain)
    pause(other)
    submit(plain.engine, "plain")
    before = plain.port.count("GetItem")
    plain.pump()
    assert len(ran) == 2
    assert plain.port.count("GetItem") == before + 2, "the two tasks, and nothing else"

    plain.clock.advance(5 * SECOND)
    submit(plain.engine, "plain")
    plain.pump()

    assert len(ran) == 2


def test_an_order_given_twice_keeps_its_first_time(plain: Deployment) -> None:
    first = pause(plain.engine, "default").of("default").since
    plain.clock.advance(MINUTE)

    again = pause(plain.engine, "default").of("default")

    assert again.since == first
    assert again.mode is Mode.PAUSE


def test_a_drain_and_then_a_pause_stop_a_pool(plain: Deployment) -> None:
    drain(plain.engine, "default")

    modes = pause(plain.engine, "default")

    assert modes.of("default").mode is Mode.STOP
    assert modes.of("long").mode is Mode.RUN


def test_a_drain_takes_a_pause_back_for_it_would_never_end(plain: Deployment) -> None:
    pause(plain.engine, "default")

    modes = drain(plain.engine, "default")

    assert modes.of("default").mode is Mode.DRAIN


def test_an_order_for_all_pools_is_not_taken_back_for_one(plain: Deployment) -> None:
    pause(plain.engine)

    modes = resume(plain.engine, "default")

    assert modes.of("default").mode is Mode.PAUSE


def test_a_resume_of_all_takes_back_every_order(plain: Deployment) -> None:
    pause(plain.engine)
    drain(plain.engine, "long")

    modes = resume(plain.engine)

    assert {modes.of(pool).mode for pool in ("default", "long")} == {Mode.RUN}


@pytest.mark.parametrize("verb", [pause, drain, resume])
def test_a_pool_that_is_not_there_is_named(
    plain: Deployment, verb: Callable[[Engine, str], Modes]
) -> None:
    with pytest.raises(UnknownPool, match=r"'defalt'; known pools are \['default', 'long'\]"):
        verb(plain.engine, "defalt")


def test_what_was_known_last_holds_while_the_item_cannot_be_read(
    plain: Deployment, ran: list[str]
) -> None:
    pause(plain.engine)
    submit(plain.engine, "plain")
    plain.clock.advance(6 * SECOND)
    plain.port.plan("refused", "GetItem", times=100, Key="CTL")

    plain.pump()

    assert ran == []
    assert "control.unread" in plain.telemetry.verbs()


def test_a_process_that_never_knew_any_order_takes_it_that_all_pools_run(
    plain: Deployment, ran: list[str]
) -> None:
    plain.port.plan("refused", "GetItem", times=100, Key="CTL")
    submit(plain.engine, "plain")

    plain.pump()

    assert len(ran) == 1
    assert plain.telemetry.verbs().count("control.unread") == 1, "one call in five seconds"


def test_a_sweep_says_how_long_the_oldest_order_has_held(plain: Deployment) -> None:
    plain.sweep()
    assert Metric.HALTED_SECONDS not in plain.telemetry.counts
    drain(plain.engine, "long")
    plain.clock.advance(MINUTE)
    pause(plain.engine)
    plain.clock.advance(MINUTE)

    plain.sweep()

    assert plain.telemetry.counts[Metric.HALTED_SECONDS] == 120


def test_a_draining_pool_lets_nothing_begin_again(plain: Deployment) -> None:
    ref = submit(plain.engine, "plain").task.ref
    cancelled = cancel(plain.engine, ref)
    drain(plain.engine)

    with pytest.raises(Draining):
        retry_again(plain.engine, ref)

    assert plain.task(ref.task) == cancelled
