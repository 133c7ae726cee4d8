"""A paused pool starts nothing: what waits is kept, and what runs ends."""

from datetime import timedelta

from tests.harness import Deployment, deploy
from tests.numbers import World, numbers
from windrow import Context, Registry, task
from windrow.engine.control import pause, resume
from windrow.engine.submit import submit
from windrow.model.states import State
from windrow.telemetry.metrics import Metric

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def test_a_paused_pool_accepts_tasks_and_starts_none(plain: Deployment, ran: list[str]) -> None:
    pause(plain.engine)
    task_id = submit(plain.engine, "plain").task.ref.task

    plain.run_for(10 * MINUTE)

    assert ran == []
    assert plain.task(task_id).state is State.QUEUED


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
