"""A schedule that is made over HTTP fires: by EventBridge's minutes, and by seconds."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest

from windrow.local.stack import LocalStack

# EventBridge fires within a minute of the planned time, and the emulator looks every ten seconds.
PATIENCE = 100
BODY = {"task": "countries.refresh", "overlap": "allow"}


def ask(stack: LocalStack, method: str, path: str, body: Any = None) -> Any:
    """The JSON answer to a request; None where there is none."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if data else {}
    request = Request(stack.url + path, data, headers, method=method)
    with urlopen(request, timeout=20) as answer:
        raw = answer.read()
    return json.loads(raw) if raw else None


def wait_for_runs(stack: LocalStack, schedule: str, count: int) -> list[dict[str, Any]]:
    """The last runs of a schedule, once there are as many. Fails after a while."""
    deadline = time.monotonic() + PATIENCE
    while True:
        runs: list[dict[str, Any]] = ask(stack, "GET", f"/v1/schedules/{schedule}")["last_runs"]
        if len(runs) >= count:
            return runs
        assert time.monotonic() < deadline, runs
        time.sleep(1)


@pytest.fixture
def made(stack: LocalStack) -> Iterator[list[str]]:
    """The ids of schedules that are removed when the test is over."""
    ids: list[str] = []
    yield ids
    for each in ids:
        ask(stack, "DELETE", f"/v1/schedules/{each}")


def test_eventbridge_wakes_a_cron_of_every_minute(stack: LocalStack, made: list[str]) -> None:
    schedule = ask(stack, "POST", "/v1/schedules", BODY | {"cron": "* * * * *"})
    made.append(schedule["id"])

    (run, *_) = wait_for_runs(stack, schedule["id"], 1)

    assert run["planned_at"] == schedule["next_runs"][0]


def test_every_five_seconds_are_kept(stack: LocalStack, made: list[str]) -> None:
    body = BODY | {"every_seconds": 5, "duration_seconds": 20}
    schedule = ask(stack, "POST", "/v1/schedules", body)
    made.append(schedule["id"])

    runs = wait_for_runs(stack, schedule["id"], 4)

    assert [run["planned_at"] for run in reversed(runs)][1:] == schedule["next_runs"][:3]
    clocks = stack.clients["scheduler"].list_schedules()["Schedules"]
    assert f"s.default.{schedule['id']}" in {each["Name"] for each in clocks}
