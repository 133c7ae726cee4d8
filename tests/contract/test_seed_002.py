"""Seed 002, as it was given to us (seeds/002.md), against the answers of the real handlers.

Its code is read for what it answers and returns: keys and their order, and each value that is
written there. What it only simulates is true here, so those values are compared with the truth.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from tasks.examples import processing, records, unreliable
from tasks.examples.names import of
from tasks.examples.priorities import Priority
from tasks.routes import routers
from tests.contract import seed_002
from tests.contract.seed_002 import fits
from tests.examples import SECOND, deploy_examples, get, post, result, start, status
from tests.harness import ENVIRONMENT, Deployment
from windrow.model.states import State

SEED = seed_002.routes()
STARTING = [path for path, route in SEED.items() if route.method == "POST"]
NAIVE = re.compile(r"2026-01-\d\dT\d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with deploy_examples() as deployed:
        yield deployed


def finished(deployment: Deployment, path: str) -> Any:
    """What the task of a route comes to, after its own time."""
    answer = start(deployment, path)
    task_id = answer.get("task_id") or answer["batch_tasks"][0]
    deployment.pump()
    while not deployment.task(task_id).state.is_over:
        deployment.run_for(5 * SECOND, tick=5 * SECOND)
    return result(deployment, task_id)


def test_the_seventeen_routes_of_the_seed_are_there(deployment: Deployment) -> None:
    served = {
        (method, re.sub(r"{\w+}", "{task_id}", path))
        for router in routers(deployment.engine)
        for route in router.routes
        for path in [getattr(route, "path", "")]
        for method in getattr(route, "methods", ())
    }

    assert len(SEED) == 17
    assert {(route.method, path) for path, route in SEED.items()} <= served


@pytest.mark.parametrize("path", STARTING)
def test_what_starts_a_task_is_answered_as_the_seed_has_it(
    deployment: Deployment, path: str
) -> None:
    response = post(deployment, path)

    (shape,) = SEED[path].answers
    assert response.status == 200
    assert fits(response.json(), shape)
    assert response.headers["retry-after"]


@pytest.mark.parametrize("path", STARTING)
def test_a_task_comes_to_what_the_seed_returns(deployment: Deployment, path: str) -> None:
    found = finished(deployment, path)

    (shape,) = SEED[path].results
    assert fits(found, shape)


def test_a_status_is_that_of_the_task(deployment: Deployment) -> None:
    task_id = start(deployment, "/start-task")["task_id"]

    (shape,) = SEED["/task-status/{task_id}"].answers
    before = status(deployment, task_id)
    deployment.pump()
    after = status(deployment, task_id)

    assert [list(before), list(after)] == [list(shape)] * 2
    assert before == {"task_id": task_id, "status": "pending", "result": None}
    # The seed writes "Task finished" there, and that it is to be the task's own.
    assert fits(after["result"], SEED["/start-task"].results[0])
    assert after["status"] == shape["status"]


def test_data_is_fetched_in_five_chunks(deployment: Deployment) -> None:
    found = finished(deployment, "/fetch-data")

    assert [text.partition(":")[0] for text in found["data"]] == [
        f"Data chunk {number}" for number in range(1, 6)
    ]
    assert all("50 countries" in text for text in found["data"])
    assert found["total_items"] == 5


def test_a_reminder_waits_thirty_seconds_and_is_mailed_once(deployment: Deployment) -> None:
    now = deployment.clock.now()
    answer = start(deployment, "/schedule-reminder", '{"to": "ada@example.com"}')
    sent = deployment.services.ses.sent

    assert answer["scheduled_for"] == (now + 30 * SECOND).strftime("%Y-%m-%dT%H:%M:%S")
    deployment.run_for(29 * SECOND, tick=10 * SECOND)
    assert status(deployment, answer["task_id"])["status"] == "pending"
    deployment.run_for(2 * SECOND, tick=SECOND)
    assert result(deployment, answer["task_id"])["timestamp"] >= answer["scheduled_for"]
    (mail,) = [each for each in sent if each["Destination"]["ToAddresses"] == ["ada@example.com"]]
    assert mail["Content"]["Simple"]["Subject"]["Data"] == "Your reminder"


def test_a_machine_is_measured(deployment: Deployment) -> None:
    found = finished(deployment, "/start-monitoring")

    assert 0 <= found["cpu_percent"] <= 100
    assert 0 < found["memory_percent"] <= 100
    assert NAIVE.fullmatch(found["timestamp"])


def test_progress_tells_the_seven_steps_of_the_seed(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    validate = records.validate
    deployment.pump()
    answer = start(deployment, "/process-data")
    path = f"/task-progress/{answer['task_id']}"

    def look(loaded: Iterable[records.Record]) -> int:
        told.append(get(deployment, path))
        return validate(loaded)

    monkeypatch.setattr(records, "validate", look)
    before = get(deployment, path)
    deployment.pump()
    after = get(deployment, path)

    (shape,) = SEED["/task-progress/{task_id}"].answers
    assert [list(each) for each in (before, *told, after)] == [list(shape)] * 3
    assert list(processing.STEPS) == SEED["/process-data"].steps
    assert (before["progress_percent"], before["current_step"]) == (0, "Starting...")
    assert (told[0]["status"], told[0]["progress_percent"]) == ("running", 100 // 7)
    assert told[0]["current_step"] == SEED["/process-data"].steps[0]
    assert NAIVE.fullmatch(told[0]["started_at"])
    assert NAIVE.fullmatch(told[0]["estimated_completion"])
    assert (after["progress_percent"], after["current_step"]) == (100, "Saving results...")


def test_a_thousand_records_come_to_a_report_with_every_region(deployment: Deployment) -> None:
    task_id = start(deployment, "/process-data")["task_id"]
    deployment.pump()

    found = result(deployment, task_id)
    bucket, key = ENVIRONMENT["WINDROW_BUCKET"], f"reports/default/{task_id}.pdf"
    stored = deployment.services.call("s3", "GetObject", {"Bucket": bucket, "Key": key})
    text = "\n".join(page.extract_text() for page in PdfReader(stored["Body"]).pages)

    assert found["generated_file"] == "report_2024.pdf"
    assert re.fullmatch(r"[\d.]+ seconds", found["processing_time"])
    for region in ("Asia", "Africa", "Americas", "Europe", "Oceania", "Antarctic"):
        assert region in text
    assert "4,542,820,771" in text


def test_retries_are_those_of_the_seed() -> None:
    terms = SEED["/unreliable-task"].terms

    assert terms["max_retries"] == unreliable.MAX_RETRIES
    assert terms["retry_delay"] == unreliable.DELAY / SECOND
    assert terms["backoff_multiplier"] == unreliable.MULTIPLIER


def test_priorities_are_in_the_order_of_the_seed(deployment: Deployment) -> None:
    theirs = seed_002.numbers("TaskPriority")

    ours = [priority.name for priority in sorted(Priority)]
    assert ours == sorted(theirs, key=theirs.__getitem__)
    for name in theirs:
        answer = start(deployment, "/priority-task", f'{{"priority": "{name}"}}')

        assert answer["message"] == f"{name.capitalize()} priority task scheduled"
        assert answer["priority"] == name
        assert deployment.task(answer["task_id"]).priority == Priority[name]


def test_a_batch_is_ten_tasks_of_normal_priority(deployment: Deployment) -> None:
    answer = start(deployment, "/batch-processing")
    deployment.pump()

    assert answer["total_items"] == len(set(answer["batch_tasks"])) == 10
    tasks = [deployment.task(task_id) for task_id in answer["batch_tasks"]]
    assert {task.priority for task in tasks} == {Priority.NORMAL}
    assert [result(deployment, task.ref.task)["item_id"] for task in tasks] == [*range(10)]


def test_a_calculation_is_kept_for_its_hours_and_then_gone(deployment: Deployment) -> None:
    route = SEED["/long-calculation"]
    task_id = start(deployment, route.path)["task_id"]
    path = of("/calculation-result/{id}", task_id)
    shape, missing = SEED["/calculation-result/{task_id}"].answers

    before = deployment.http("GET", path)
    deployment.pump()
    found = get(deployment, path)
    deployment.clock.advance(timedelta(hours=route.terms["ttl_hours"]) - SECOND)
    last = deployment.http("GET", path)
    deployment.clock.advance(SECOND)
    after = deployment.http("GET", path)

    assert (before.status, before.json()) == (404, missing)
    assert fits(found, shape)
    assert fits(found["result"], route.results[0])
    assert found["result"]["result"] == sum(number**2 for number in range(1, 1_000_001))
    assert (last.status, last.json()["result"]) == (200, found["result"])
    assert (after.status, after.json()) == (404, missing)


def test_every_word_of_a_status_is_one_of_five(deployment: Deployment) -> None:
    from tasks.examples.dialect import WORDS

    assert WORDS.keys() == set(State)
    assert {*WORDS.values()} == {"pending", "running", "completed", "failed", "cancelled"}
