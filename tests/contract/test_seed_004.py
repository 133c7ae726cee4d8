"""Seed 004, as it was given to us (seeds/004.md), against the answers of the real handlers.

Every request and JSON block of it: keys and their order, types, nulls, status codes, and values
where the seed's own are not made up. The clock stands where the seed's clock stood.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Deployment, Response
from tests.managed import deploy_managed
from windrow.engine.submit import submit

SEED = (Path(__file__).parent / "seeds" / "004.md").read_text("utf-8")
# A page of the seed's leaves out the rest of each task: "...".
REQUEST, ENQUEUED, TASK, LISTED, COUNTED, CANCELLED = (
    json.loads(re.sub(r",\s*\.\.\.", "", block))
    for block in re.findall(r"```json\n(.*?)```", SEED, re.DOTALL)
)
(CURL_BODY,) = re.findall(r"-d '(.*?)'", SEED, re.DOTALL)
HALF_PAST_TEN = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy_managed() as deployed:
        deployed.clock.advance(HALF_PAST_TEN - deployed.clock.now())
        yield deployed


def post(deployment: Deployment, path: str, body: Any = None, **headers: str) -> Response:
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    sent = {"content-type": "application/json", **headers}
    return deployment.http("POST", f"/api/tasks/{path}", body=text, headers=sent)


def get(deployment: Deployment, path: str) -> Any:
    answer = deployment.http("GET", f"/api/tasks{path}")
    assert answer.status == 200
    return answer.json()


def enqueued(deployment: Deployment, **changed: Any) -> str:
    answer = post(deployment, "enqueue", REQUEST | changed)
    assert answer.status == 201, answer.body
    task_id: str = answer.json()["task_id"]
    return task_id


def text(answer: Any) -> str:
    return json.dumps(answer, indent=1)


def kinds(answer: Any) -> list[tuple[str, type]]:
    return [(key, type(value)) for key, value in answer.items()]


def test_a_task_is_enqueued(deployment: Deployment) -> None:
    answer = post(deployment, "enqueue", REQUEST)

    body = answer.json()
    assert answer.status == 201
    assert text(body) == text(ENQUEUED | {"task_id": body["task_id"]})
    assert answer.headers["location"] == f"/api/tasks/{body['task_id']}"


def test_a_task_that_is_over_is_shown(deployment: Deployment) -> None:
    task_id = enqueued(deployment)
    deployment.clock.advance(timedelta(seconds=5))
    deployment.pump()

    shown = get(deployment, f"/{task_id}")

    # No test's clock moves while a task runs: it ends in the second in which it starts.
    ended = {"task_id": task_id, "completed_at": TASK["started_at"]}
    assert text(shown) == text(TASK | ended)


def test_tasks_are_listed(deployment: Deployment) -> None:
    first = enqueued(deployment)
    deployment.pump()
    deployment.clock.advance(timedelta(seconds=1))
    report = {"task_name": "afirgen_tasks.reports.generate_pdf", "task_type": "report"}
    second = enqueued(deployment, **report, params={})

    page = get(deployment, "/")

    assert kinds(page) == kinds(LISTED)
    assert [task["task_id"] for task in page["tasks"]] == [second, first]
    assert all(list(task) == list(TASK) for task in page["tasks"])
    assert all(task.keys() >= shown.keys() for task in page["tasks"] for shown in LISTED["tasks"])
    assert {name for task in page["tasks"] for name in [task["task_name"]]} == {
        task["task_name"] for task in LISTED["tasks"]
    }
    assert (page["total_count"], page["limit"], page["offset"]) == (2, 100, 0)
    assert get(deployment, "") == page


def test_tasks_are_counted(deployment: Deployment) -> None:
    for _ in range(COUNTED["count"]):
        enqueued(deployment)
    deployment.count()
    post(deployment, f"{enqueued(deployment)}/cancel")

    counted = get(deployment, "/count/all?status=pending&task_type=email")

    assert text(counted) == text(COUNTED)
    assert kinds(get(deployment, "/count/all")) == [
        ("count", int),
        ("status", type(None)),
        ("task_type", type(None)),
    ]


def test_a_task_is_cancelled(deployment: Deployment) -> None:
    task_id = enqueued(deployment)

    answer = post(deployment, f"{task_id}/cancel")

    assert answer.status == 200
    assert text(answer.json()) == text(CANCELLED | {"task_id": task_id})
    assert get(deployment, f"/{task_id}")["status"] == "cancelled"


def test_the_seeds_curl_lines_are_answered(deployment: Deployment) -> None:
    task_id = post(deployment, "enqueue", CURL_BODY).json()["task_id"]

    shown = get(deployment, f"/{task_id}")

    assert shown["params"] == json.loads(CURL_BODY)["params"]
    assert get(deployment, "/")["tasks"] == [shown]


def test_each_type_has_the_priority_of_the_seeds_table(deployment: Deployment) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d)", SEED, re.MULTILINE)
    names = {
        "email": "email.send_confirmation",
        "report": "reports.generate_pdf",
        "analytics": "analytics.update_dashboard",
        "cleanup": "cleanup.remove_old_tasks",
    }
    assert [task_type for task_type, _ in rows] == list(names)

    for task_type, priority in rows:
        params = REQUEST["params"] if task_type == "email" else {}
        body = {"task_name": names[task_type], "task_type": task_type, "params": params}
        answer = post(deployment, "enqueue", body).json()

        assert answer["message"] == f"Task enqueued successfully with priority {priority}"
        shown = get(deployment, f"/{answer['task_id']}")
        assert shown["task_type"] == task_type
        assert (shown["priority"], shown["max_retries"]) == (int(priority), 3)


def test_a_task_goes_through_the_seeds_states(deployment: Deployment) -> None:
    nobody = {"fir_id": "fir_12345", "recipient_email": "nobody"}
    task_id = enqueued(deployment, params=nobody, max_retries=1)
    seen = []
    for _ in range(2):
        seen.append(get(deployment, f"/{task_id}"))
        deployment.pump()
        deployment.clock.advance(timedelta(hours=1))
        deployment.sweep()
    seen.append(get(deployment, f"/{task_id}"))

    assert [(one["status"], one["retry_count"]) for one in seen] == [
        ("pending", 0),
        ("pending", 1),
        ("failed", 1),
    ]
    assert [one["error_message"] for one in seen] == [None, "No such mailbox", "No such mailbox"]
    assert [one["completed_at"] is None for one in seen] == [True, True, False]


def test_seeds_001_and_004_share_a_path_and_each_ones_clients_are_served(
    deployment: Deployment,
) -> None:
    """Seed 001: type, error, in_progress, no nulls. Seed 004: task_type, error_message, nulls."""
    article = submit(deployment.engine, "articles.extract", {"url": "https://example.com/a"})
    email = enqueued(deployment)
    deployment.pump()

    shown = get(deployment, f"/{article.task.ref.task}")
    assert list(shown) == ["task_id", "type", "status", "result", "created_at", "completed_at"]
    assert list(get(deployment, f"/{email}")) == list(TASK)
    assert list(get(deployment, f"/{article.task.ref.task}?view=tasks")) == list(TASK)
    assert list(get(deployment, f"/{email}?view=articles")) == list(shown)
