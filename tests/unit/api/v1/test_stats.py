"""/v1/stats: figures about work, of the caller's own tenant, within bounds."""

from collections.abc import Iterator

import pytest

from tests.native import Client, assert_problem, deploy_native, greet
from windrow.engine.submit import submit


@pytest.fixture
def client() -> Iterator[Client]:
    with deploy_native([greet]) as made:
        yield made


def test_figures_are_counted_by_type_and_state(client: Client) -> None:
    client.submitted()
    client.deployment.pump()
    client.deployment.count()

    answer = client.get("/v1/stats?window=15")

    figures = answer.json()
    (greeted,) = figures["types"]
    assert answer.status == 200
    assert (greeted["task"], greeted["states"]["succeeded"]) == ("greet", 1)
    assert greeted["window"] == {
        "submitted": 1,
        "started": 1,
        "succeeded": 1,
        "failed": 0,
        "cancelled": 0,
    }
    counts = {"queued": 0, "running": 0, "succeeded": 1, "failed": 0, "cancelled": 0}
    assert figures["totals"] == {"tasks": 1, **counts, "success_rate": 100.0}
    assert greeted["success_rate"] == 100.0
    assert figures["series"][0]["at"] == "2026-01-15T10:30:00.000Z"
    assert (figures["window_seconds"], figures["step_seconds"]) == (900, 60)
    assert figures["lag_seconds"] == 0


def test_another_tenants_work_is_in_no_figure(client: Client) -> None:
    submit(client.deployment.engine, "greet", {"name": "Ada"}, tenant="another")
    client.deployment.count()

    figures = client.get("/v1/stats").json()

    assert (figures["types"], figures["series"], figures["queued"]) == ([], [], 0)
    assert "oldest_waiting_seconds" not in figures


@pytest.mark.parametrize("window", ["0", "-5", "44641", "an hour", "1.5"])
def test_a_window_out_of_bounds_is_refused(client: Client, window: str) -> None:
    assert_problem(client.get(f"/v1/stats?window={window}"), 422)
