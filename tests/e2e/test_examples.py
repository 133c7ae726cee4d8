"""Seed 002's seventeen routes on the running stack: what it starts, and what becomes of it."""

from functools import partial
from typing import Any

import httpx

from tests.contract import seed_002
from tests.contract.seed_002 import fits
from tests.e2e.waiting import eventually

SEED = seed_002.routes()
# These end by themselves within seconds, whatever is drawn by chance.
CERTAIN = (
    "/start-task",
    "/fetch-data",
    "/start-monitoring",
    "/process-data",
    "/priority-task",
    "/batch-processing",
    "/long-calculation",
)


def test_all_seventeen_routes_are_alive(api: httpx.Client) -> None:
    sent = {path: api.post(path) for path, route in SEED.items() if route.method == "POST"}
    started = {path: response.raise_for_status().json() for path, response in sent.items()}
    ids = {path: said.get("task_id") or said["batch_tasks"][-1] for path, said in started.items()}

    def asked(path: str, of: str = "/start-task") -> Any:
        return api.get(path.replace("{task_id}", ids[of])).raise_for_status().json()

    def status(path: str) -> Any:
        return asked("/task-status/{task_id}", path)

    # Nobody else is to meet its sixty checks.
    schedule = sent["/start-monitoring"].headers["link"].partition(">")[0].removeprefix("<")
    assert api.delete(schedule).status_code == 204
    for path, answer in started.items():
        if path != "/fetch-data":
            assert fits(answer, SEED[path].answers[0]), path
    assert status("/schedule-reminder")["status"] == "pending"
    for path in CERTAIN:
        ended = eventually(partial(status, path), lambda said: said["result"] is not None)
        assert ended["status"] == "completed"
        assert fits(ended["result"], SEED[path].results[0]), path
    for path in ("/unreliable-task", "/task-with-custom-error-handling"):
        assert status(path)["status"] in ("pending", "running", "completed", "failed")
    calculated = asked("/calculation-result/{task_id}", "/long-calculation")
    assert calculated["result"]["result"] == 333333833333500000
    for path, route in SEED.items():
        if route.method == "GET":
            assert list(asked(path, "/long-calculation")) == list(route.answers[0]), path
    assert asked("/task-progress/{task_id}", "/process-data")["progress_percent"] == 100
    analytics = eventually(
        lambda: asked("/task-analytics"), lambda said: said["successful_tasks"] >= len(CERTAIN)
    )
    assert analytics["average_execution_time"].endswith("s")
