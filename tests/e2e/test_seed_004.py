"""Seed 004's own lines for curl against the running stack, but for the URL and the id."""

import json
import re
import shlex
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from windrow.local.stack import LocalStack

SEED = Path(__file__).parents[1] / "contract" / "seeds" / "004.md"
ITS_URL = "http://localhost:8000"
# What the seed's answers have, in their order.
ENQUEUED, TASK, _LISTED, COUNTED, CANCELLED = [
    list(json.loads(re.sub(r",\s*\.\.\.", "", block)))
    for block in re.findall(r"```json\n(.*?)```", SEED.read_text("utf-8"), re.DOTALL)
][1:]
PATIENCE = 60
CURL = shutil.which("curl")


def commands(url: str) -> list[list[str]]:
    """The arguments of the seed's three calls of curl."""
    text = SEED.read_text("utf-8").replace("\\\n", " ")
    found = re.findall(r"^curl (.*?)$(?=\n\n|\n```)", text, re.DOTALL | re.MULTILINE)
    return [shlex.split(line.replace(ITS_URL, url)) for line in found]


def answered(arguments: list[str]) -> Any:
    """What curl prints for these arguments; not every machine has it."""
    if CURL is not None:
        done = subprocess.run(
            [CURL, "--silent", *arguments],
            env={"NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        return json.loads(done.stdout)
    options = dict(pairwise(arguments))
    (url,) = [argument for argument in arguments if argument.startswith("http")]
    headers = dict([options["-H"].split(": ")]) if "-H" in options else {}
    body = options.get("-d")
    return httpx.request(
        options.get("-X", "GET"),
        url,
        headers=headers,
        content=body,
        trust_env=False,
        timeout=PATIENCE,
    ).json()


def test_the_lines_for_curl_enqueue_a_task_show_it_and_list_it(
    stack: LocalStack, api: httpx.Client
) -> None:
    enqueue, check, listing = commands(stack.url)

    enqueued = answered(enqueue)
    task_id = enqueued["task_id"]
    shown = answered([part.replace("{task_id}", task_id) for part in check])
    listed = answered(listing)

    assert list(enqueued) == ENQUEUED
    assert enqueued["message"] == "Task enqueued successfully with priority 5"
    assert list(shown) == TASK
    assert (shown["task_id"], shown["task_type"], shown["max_retries"]) == (task_id, "email", 3)
    assert list(listed) == ["tasks", "total_count", "limit", "offset"]
    assert task_id in [task["task_id"] for task in listed["tasks"]]
    counted = api.get("/api/tasks/count/all", params={"task_type": "email"}).json()
    assert list(counted) == COUNTED
    assert counted["count"] >= 1
    api.post(f"/api/tasks/{task_id}/cancel")


def test_a_task_that_waits_is_cancelled_over_http(api: httpx.Client) -> None:
    later = {"task": "countries.refresh", "delay_seconds": 3600, "unique": "seed-004"}
    task_id = api.post("/v1/tasks", json=later).json()["id"]

    answer = api.post(f"/api/tasks/{task_id}/cancel")
    again = api.post(f"/api/tasks/{task_id}/cancel")
    seen = {view: api.get(f"/api/tasks/{task_id}", params={"view": view}) for view in ("tasks", "")}

    assert list(answer.json()) == CANCELLED
    assert again.status_code == 404
    assert seen["tasks"].json()["status"] == "cancelled"
    assert seen["tasks"].json()["task_type"] == "countries"
    assert seen[""].status_code == 422
