"""/v1/batches, /v1/groups, /v1/chains and the children of a task."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.composed import Done, registry
from tests.native import Client, assert_problem, deploy_native
from tests.slow import Slow
from windrow.api.v1.composed import RESERVE


@pytest.fixture
def done() -> Done:
    return Done()


@pytest.fixture
def client(done: Done) -> Iterator[Client]:
    with deploy_native(registry(done)) as client:
        yield client


def numbers(*numbers: int) -> list[dict[str, Any]]:
    return [{"task": "double", "params": {"number": number}} for number in numbers]


def test_a_batch_is_accepted_task_by_task(client: Client, done: Done) -> None:
    response = client.post("/v1/batches", {"tasks": numbers(1, 2, 3)})

    body = response.json()
    assert response.status == 202
    assert (body["accepted"], body["refused"]) == (3, 0)
    assert [entry["task"]["state"] for entry in body["tasks"]] == ["queued"] * 3
    client.deployment.pump()
    assert sorted(done.started) == [1, 2, 3]


def test_a_batch_with_a_wrong_task_names_it_and_stores_none(client: Client) -> None:
    tasks = [*numbers(1), {"task": "double", "params": {"number": "two"}}, {"task": "nobody"}]

    response = client.post("/v1/batches", {"tasks": tasks})

    problem = assert_problem(response, 422, field="tasks.1.params.number")
    assert [wrong["field"] for wrong in problem["errors"]][1] == "tasks.2.task"
    assert client.get("/v1/tasks").json()["tasks"] == []


def test_a_batch_that_is_sent_again_with_its_key_meets_its_tasks(client: Client) -> None:
    first = client.post("/v1/batches", {"tasks": numbers(1, 2)}, idempotency_key="monday")

    again = client.post("/v1/batches", {"tasks": numbers(1, 3)}, idempotency_key="monday")

    same, other = again.json()["tasks"]
    assert same["task"]["id"] == first.json()["tasks"][0]["task"]["id"]
    assert other["problem"]["type"].endswith("key-reused")


def test_a_batch_of_which_nothing_can_be_stored_is_answered_as_one(client: Client) -> None:
    client.deployment.port.plan("refused", "PutItem", times=10)

    response = client.post("/v1/batches", {"tasks": numbers(1, 2)})

    assert_problem(response, 503)
    assert response.headers["retry-after"] == "2"


@pytest.mark.parametrize("path", ["/v1/batches", "/v1/groups", "/v1/chains"])
def test_several_tasks_count_as_so_many_requests(done: Done, path: str) -> None:
    with deploy_native(registry(done), requests_per_minute=10) as client:
        most = client.post(path, {"tasks": numbers(*range(8))})
        refused = client.post(path, {"tasks": numbers(1, 2, 3)})
        client.deployment.clock.advance(timedelta(seconds=12))
        again = client.post(path, {"tasks": numbers(1, 2, 3)})

        assert most.status == 202
        assert most.headers["ratelimit"] == '"default";r=2;t=48'
        assert_problem(refused, 429)
        # The request itself is counted, and its tasks are not.
        assert refused.headers["ratelimit"] == '"default";r=1;t=54'
        assert refused.headers["retry-after"] == "12"
        assert again.status == 202
        assert again.headers["ratelimit"] == '"default";r=0;t=60'


def test_more_tasks_than_a_whole_quota_wait_for_all_of_it(done: Done) -> None:
    with deploy_native(registry(done), requests_per_minute=3) as client:
        accepted = client.post("/v1/batches", {"tasks": numbers(*range(10))})
        refused = client.post("/v1/batches", {"tasks": numbers(*range(10))})

        assert (accepted.status, refused.status) == (202, 429)
        client.deployment.clock.advance(timedelta(minutes=1))
        assert client.post("/v1/batches", {"tasks": numbers(*range(10))}).status == 202


def test_a_batch_for_which_time_is_short_goes_on_when_it_is_sent_again(client: Client) -> None:
    context, body = client.deployment.context, {"tasks": numbers(1, 2, 3)}

    context.remaining = RESERVE
    nothing = client.post("/v1/batches", body, idempotency_key="monday")
    context.remaining = RESERVE + timedelta(milliseconds=15)
    client.deployment.port.inner = Slow(client.deployment.port.inner, client.deployment.clock)
    part = client.post("/v1/batches", body, idempotency_key="monday")
    context.remaining = timedelta(seconds=28)
    whole = client.post("/v1/batches", body, idempotency_key="monday").json()

    assert assert_problem(nothing, 503)["type"].endswith("not-tried")
    assert nothing.headers["retry-after"] == "2"
    assert part.status == 202
    assert (part.json()["accepted"], part.json()["refused"], part.json()["not_tried"]) == (1, 2, 2)
    assert part.json()["tasks"][1]["problem"]["title"] == "There was no time left"
    assert whole["accepted"] == 3
    assert "not_tried" not in whole


def test_a_group_is_a_task_with_children_and_a_callback(client: Client, done: Done) -> None:
    done.bad = {2}
    response = client.post("/v1/groups", {"tasks": numbers(1, 2, 3), "callback": {"task": "tell"}})
    group = response.json()["id"]
    assert response.status == 202
    assert response.headers["location"] == f"/v1/tasks/{group}"
    assert response.json()["phase"] == "make"

    client.deployment.pump()

    shown = client.get("/v1/tasks?type=windrow.group").json()["tasks"][0]
    assert shown["state"] == "succeeded"
    assert shown["has_errors"]
    assert shown["children"] == 3
    children = client.get(f"/v1/tasks/{group}/children").json()["children"]
    assert [child["state"] for child in children] == ["succeeded", "failed", "succeeded"]
    assert {child["parent"] for child in children} == {group}
    assert [told["failed"] for told in done.told] == [1]


def test_children_come_page_by_page(client: Client) -> None:
    group = client.post("/v1/groups", {"tasks": numbers(*range(5))}).json()["id"]
    client.deployment.pump()

    first = client.get(f"/v1/tasks/{group}/children?limit=3")
    second = client.get(first.headers["link"].partition(">")[0].removeprefix("<"))

    assert len(first.json()["children"]) == 3
    assert len(second.json()["children"]) == 2
    assert "cursor" not in second.json()


def test_a_task_without_children_has_none(client: Client) -> None:
    (task,) = client.post("/v1/batches", {"tasks": numbers(1)}).json()["tasks"]

    response = client.get(f"/v1/tasks/{task['task']['id']}/children")

    assert response.json() == {"children": []}
    assert_problem(client.get("/v1/tasks/01KF0Q5M00E4Q8V0J8Z1X2Y3W4/children"), 404)


def test_a_chain_hands_results_on(client: Client, done: Done) -> None:
    steps = [*numbers(5), {"task": "double", "into": "number"}]
    response = client.post("/v1/chains", {"tasks": steps})

    client.deployment.pump()

    assert client.deployment.task(response.json()["id"]).result == "20"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/groups", {"tasks": []}, "tasks"),
        ("/v1/groups", {"tasks": [{"task": "double"}]}, "tasks.0.params.number"),
        (
            "/v1/groups",
            {"tasks": numbers(1), "callback": {"task": "report"}},
            "callback.params.about",
        ),
        ("/v1/groups", {"tasks": [{"task": "tell", "unique": "x"}]}, "tasks.0.unique"),
        ("/v1/chains", {"tasks": [{"task": "double", "into": "number"}]}, "tasks.0.into"),
        ("/v1/chains", {"tasks": numbers(1), "all_must_succeed": True}, "all_must_succeed"),
        ("/v1/batches", {"tasks": [{"task": "tell", "into": "x"}]}, "tasks.0.into"),
    ],
)
def test_what_is_wrong_is_named(client: Client, path: str, body: Any, field: str) -> None:
    assert_problem(client.post(path, body), 422, field=field)


def test_a_tenant_sees_no_other_ones_children(client: Client) -> None:
    group = client.post("/v1/groups", {"tasks": numbers(1)}).json()["id"]

    other = Client(client.deployment, tenant="other")

    assert_problem(other.get(f"/v1/tasks/{group}/children"), 404)
