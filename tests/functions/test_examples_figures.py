"""The figures of seed 002: true where nothing has run, while work runs, and after it."""

from datetime import timedelta
from typing import Any

import pytest

from tasks.examples import active, handled, maintenance
from tasks.examples.figures import average
from tests.contract import seed_002
from tests.examples import SECOND, get, post, start
from tests.harness import Deployment
from windrow.engine.control import drain, resume
from windrow.model.figures import TOOK
from windrow.model.histogram import bucket
from windrow.model.ref import DEFAULT_TENANT

SEED = seed_002.routes()
FIGURES = ["/task-analytics", "/task-performance", "/active-tasks", "/shutdown-status"]


@pytest.mark.parametrize("path", FIGURES)
def test_figures_have_the_keys_of_the_seed(deployment: Deployment, path: str) -> None:
    response = deployment.http("GET", path)

    assert list(response.json()) == list(SEED[path].answers[0])
    assert response.headers["cache-control"] == "no-store"


def test_where_nothing_has_run_all_is_nothing(deployment: Deployment) -> None:
    analytics, performance, active_tasks, shutdown = (get(deployment, path) for path in FIGURES)

    assert [*analytics.values()] == [0, 0, 0, "0.00s", 0, 0, "0.0 hours"]
    assert [*performance.values()][2:] == [0, 0.0, "0.00%"]
    assert performance["memory_usage"] > 1
    assert active_tasks == {"active_tasks": [], "total_count": 0}
    assert shutdown == {
        "accepting_new_tasks": True,
        "active_tasks": 0,
        "shutdown_initiated": False,
    }


def test_analytics_count_what_ended_and_what_waits(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handled, "choose", lambda errors: errors[1])

    def take_four_seconds() -> float:
        deployment.clock.advance(4 * SECOND)
        return 1.0

    monkeypatch.setattr(maintenance, "disk_percent", take_four_seconds)
    start(deployment, "/task-with-custom-error-handling")
    for _ in range(3):
        start(deployment, "/priority-task")
    deployment.pump()
    start(deployment, "/schedule-reminder")
    deployment.count()

    analytics = get(deployment, "/task-analytics")
    performance = get(deployment, "/task-performance")

    assert analytics == {
        "total_tasks_executed": 4,
        "successful_tasks": 3,
        "failed_tasks": 1,
        # Three of four seconds and one of none, each beside the truth by up to 9 %.
        "average_execution_time": analytics["average_execution_time"],
        "current_queue_size": 1,
        "peak_concurrent_tasks": 1,
        "uptime": "0.0 hours",
    }
    assert float(analytics["average_execution_time"].removesuffix("s")) == pytest.approx(3, rel=0.1)
    assert performance["error_rate"] == "25.00%"
    assert performance["tasks_per_second"] == pytest.approx(4 / 252, abs=0.0001)


def test_what_failed_an_hour_ago_is_no_error_of_now_and_uptime_goes_on(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handled, "choose", lambda errors: errors[1])
    start(deployment, "/task-with-custom-error-handling")
    deployment.pump()
    deployment.count()

    deployment.clock.advance(timedelta(minutes=90))

    assert get(deployment, "/task-performance")["error_rate"] == "0.00%"
    assert get(deployment, "/task-analytics")["failed_tasks"] == 1
    assert get(deployment, "/task-analytics")["uptime"] == "1.5 hours"


def test_who_works_now_is_a_lease_that_is_alive(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def look() -> float:
        seen.append((get(deployment, "/task-performance"), get(deployment, "/active-tasks")))
        return 1.0

    monkeypatch.setattr(maintenance, "disk_percent", look)
    task_id = start(deployment, "/priority-task")["task_id"]
    start(deployment, "/schedule-reminder")
    deployment.pump()

    ((performance, active_tasks),) = seen
    assert performance["active_workers"] == 1
    assert active_tasks["total_count"] == 2
    (running,) = (each for each in active_tasks["active_tasks"] if each["status"] == "running")
    assert list(running) == [
        "task_id",
        "task_name",
        "priority",
        "created_at",
        "progress_percent",
        "current_step",
        "status",
        "started_at",
        "estimated_completion",
    ]
    assert (running["task_id"], running["priority"]) == (task_id, 8)
    assert get(deployment, "/task-performance")["active_workers"] == 0


def test_more_tasks_than_are_shown_are_counted_and_linked(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(11):
        start(deployment, "/batch-processing")
    deployment.count()

    found = active.active(deployment.engine, DEFAULT_TENANT, most=100)

    assert (len(found.tasks), found.total) == (100, 110)
    monkeypatch.setattr(active, "MOST", 100)
    monkeypatch.setattr(active.active, "__defaults__", (100,))
    response = deployment.http("GET", "/active-tasks")
    assert response.json()["total_count"] == 110
    link = response.headers["link"].partition(">")[0].removeprefix("<")
    assert len(deployment.http("GET", link).json()["tasks"]) == 10


def test_another_tenants_work_is_not_shown(deployment: Deployment) -> None:
    start(deployment, "/batch-processing")
    deployment.count()

    for path in ("/active-tasks", "/shutdown-status", "/task-analytics"):
        response = deployment.http("GET", path, tenant="acme")

        assert response.status == 200
        assert not {10, 9} & {each for each in response.json().values() if type(each) is int}


def test_a_drained_pool_accepts_nothing_and_shutdown_says_so(deployment: Deployment) -> None:
    start(deployment, "/batch-processing")
    drain(deployment.engine, "default")

    refused = post(deployment, "/start-task")
    monitoring = post(deployment, "/start-monitoring")

    assert get(deployment, "/shutdown-status") == {
        "accepting_new_tasks": True,
        "active_tasks": 10,
        "shutdown_initiated": True,
    }
    assert [refused.status, monitoring.status] == [503, 503]
    assert refused.headers["retry-after"] == "60"
    drain(deployment.engine)
    deployment.pump()
    assert get(deployment, "/shutdown-status") == {
        "accepting_new_tasks": False,
        "active_tasks": 0,
        "shutdown_initiated": True,
    }
    resume(deployment.engine)
    deployment.clock.advance(6 * SECOND)
    assert post(deployment, "/start-task").status == 200


def test_an_average_is_within_nine_percent_of_the_truth() -> None:
    durations = [timedelta(seconds=each) for each in (1, 2, 3, 10)]

    found = average({f"{TOOK}{bucket(each)}": 1 for each in durations})  # type: ignore[arg-type]

    assert found / timedelta(seconds=4) == pytest.approx(1, rel=0.1)
