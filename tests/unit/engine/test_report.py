"""What an operator is told about a system that is to stop."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy
from tests.numbers import World, numbers
from tests.unit.engine.test_sweep import plant_broken_record
from windrow import Context, Registry, task
from windrow.engine.claim import claim
from windrow.engine.control import drain, pause
from windrow.engine.report import PoolReport, ShutdownReport, shutdown_report
from windrow.engine.submit import submit
from windrow.model.modes import Mode
from windrow.model.ref import Ref

MINUTE = timedelta(minutes=1)


@pytest.fixture
def plain() -> Iterator[Deployment]:
    @task("plain")
    def work(context: Context) -> None: ...

    with deploy(Registry([work])) as deployed:
        yield deployed


def pool(report: ShutdownReport, name: str = "default") -> PoolReport:
    (found,) = (each for each in report.pools if each.pool == name)
    return found


def run_one(deployed: Deployment, task_id: str) -> None:
    """Let an attempt begin that does not end."""
    record = deployed.task(task_id)
    assert claim(deployed.engine, record, deployed.clock.now() + MINUTE) is not None


def test_a_system_that_runs_and_has_nothing_to_do(plain: Deployment) -> None:
    report = shutdown_report(plain.engine)

    assert report.accepting_new_tasks
    assert not report.shutdown_initiated
    assert report.active_tasks == 0
    assert [each.pool for each in report.pools] == ["default", "long"]
    assert pool(report) == PoolReport(
        pool="default",
        mode=Mode.RUN,
        since=None,
        running=0,
        waiting=0,
        delayed=0,
        oldest=None,
    )
    assert not report.is_quiet, "without an order it may have work at any time"


def test_what_runs_and_what_waits_is_counted_for_each_pool(plain: Deployment) -> None:
    running, waiting, _ = (submit(plain.engine, "plain").task for _ in range(3))
    plain.clock.advance(MINUTE)
    run_one(plain, running.ref.task)

    report = shutdown_report(plain.engine)

    assert (pool(report).running, pool(report).waiting) == (1, 2)
    assert pool(report).oldest == waiting.queued
    assert report.active_tasks == 3


def test_a_crashed_attempt_waits_to_be_taken_over(plain: Deployment) -> None:
    run_one(plain, submit(plain.engine, "plain").task.ref.task)
    plain.clock.advance(2 * MINUTE)

    report = shutdown_report(plain.engine)

    assert (pool(report).running, pool(report).waiting) == (0, 1)


def test_a_map_is_one_active_task_and_its_chunks_run_and_wait() -> None:
    registry, _ = numbers(World())
    with deploy(registry) as deployed:
        task_id = submit(deployed.engine, "numbers").task.ref.task
        deployed.deliver()
        chunk = deployed.engine.records.read(Ref("default", task_id).chunk_at(0))
        assert claim(deployed.engine, chunk, deployed.clock.now() + MINUTE)  # type: ignore[type-var]

        report = shutdown_report(deployed.engine)

    assert report.active_tasks == 1
    assert (pool(report).running, pool(report).waiting) == (1, 4)


def test_a_drained_system_is_quiet_when_nothing_is_left(plain: Deployment) -> None:
    submit(plain.engine, "plain")
    drain(plain.engine)
    plain.clock.advance(MINUTE)
    during = shutdown_report(plain.engine)
    plain.pump()
    after = shutdown_report(plain.engine)

    assert not during.accepting_new_tasks
    assert during.shutdown_initiated
    assert not during.is_quiet
    assert after.is_quiet
    assert after.active_tasks == 0


def test_a_stopped_system_is_quiet_when_nothing_runs(plain: Deployment) -> None:
    running, _ = (submit(plain.engine, "plain").task.ref.task for _ in range(2))
    run_one(plain, running)
    drain(plain.engine)
    pause(plain.engine)
    plain.clock.advance(10 * timedelta(seconds=1))
    during = shutdown_report(plain.engine)
    plain.clock.advance(2 * MINUTE)
    after = shutdown_report(plain.engine)

    assert pool(during).mode is Mode.STOP
    assert not during.is_quiet
    assert after.is_quiet
    assert after.active_tasks == 2


def test_an_order_that_is_on_its_way_makes_nothing_quiet(plain: Deployment) -> None:
    drain(plain.engine)

    assert not shutdown_report(plain.engine).is_quiet

    plain.clock.advance(timedelta(seconds=6))
    assert shutdown_report(plain.engine).is_quiet


def test_a_large_system_is_reported_in_part_and_says_so(plain: Deployment) -> None:
    for _ in range(5):
        submit(plain.engine, "plain")

    report = shutdown_report(plain.engine, most=4)

    assert report.is_partial
    assert report.active_tasks == 4
    assert not shutdown_report(plain.engine, most=5).is_partial


def test_a_record_that_cannot_be_read_is_left_out_and_named(plain: Deployment) -> None:
    plant_broken_record(plain.engine.aws)
    submit(plain.engine, "plain")

    report = shutdown_report(plain.engine)

    assert report.active_tasks == 1
    assert "record.unreadable" in plain.telemetry.verbs()


def test_a_report_writes_nothing_and_scans_nothing(plain: Deployment) -> None:
    submit(plain.engine, "plain")
    plain.port.calls.clear()

    shutdown_report(plain.engine)

    assert {operation for operation, _ in plain.port.calls} == {"GetItem", "Query", "BatchGetItem"}
