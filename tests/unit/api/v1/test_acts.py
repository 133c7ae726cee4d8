"""What is done to one task over HTTP: cancel, retry, another priority."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.native import Client, assert_problem, deploy_native
from windrow import Context, RetryPolicy, task
from windrow.engine.control import drain

NOBODY = "0" * 26


@task("hopeless", retry=RetryPolicy(attempts=1))
def hopeless(context: Context) -> None:
    raise ValueError("no good")


@task("plain")
def plain(context: Context) -> str:
    return "done"


@task("waiting", deadline=timedelta(hours=1))
def waiting(context: Context) -> None:
    raise TimeoutError("again")


@task.map("odd", chunk_size=2, retry=RetryPolicy(attempts=1))
def odd(context: Context) -> range:
    return range(4)


@odd.each
def check(context: Context, item: int) -> None:
    if item == 3:
        raise ValueError("three")


@pytest.fixture
def client() -> Iterator[Client]:
    with deploy_native([hopeless, plain, waiting, odd]) as made:
        yield made


def test_what_waits_is_cancelled_at_once(client: Client) -> None:
    task_id = client.submitted("plain")

    response = client.post(f"/v1/tasks/{task_id}/cancel")

    assert response.status == 200
    assert response.json()["state"] == "cancelled"
    assert "retry-after" not in response.headers
    assert client.post(f"/v1/tasks/{task_id}/cancel").status == 200


def test_what_runs_is_asked_to_stop(client: Client) -> None:
    task_id = client.submitted("odd")
    client.deployment.deliver()

    response = client.post(f"/v1/tasks/{task_id}/cancel", {})

    assert response.status == 202
    assert response.json()["cancel_requested_at"] == "2026-01-15T10:30:00.000Z"
    assert response.headers["location"] == f"/v1/tasks/{task_id}"
    assert int(response.headers["retry-after"]) >= 1


def test_what_is_over_cannot_be_cancelled(client: Client) -> None:
    task_id = client.submitted("plain")
    client.deployment.pump()

    problem = assert_problem(client.post(f"/v1/tasks/{task_id}/cancel"), 409)

    assert problem["type"].endswith("already-over")


def test_what_failed_begins_again(client: Client) -> None:
    task_id = client.submitted("hopeless")
    client.deployment.pump()

    response = client.post(f"/v1/tasks/{task_id}/retry")
    again = client.post(f"/v1/tasks/{task_id}/retry")

    assert response.status == again.status == 202
    assert response.json()["state"] == again.json()["state"] == "queued"
    assert response.headers["location"] == f"/v1/tasks/{task_id}"
    assert "error" not in response.json()


def test_only_what_failed_of_a_map_begins_again(client: Client) -> None:
    task_id = client.submitted("odd")
    client.deployment.run_for(timedelta(minutes=10))

    whole = client.post(f"/v1/tasks/{task_id}/retry")
    parts = client.post(f"/v1/tasks/{task_id}/retry?failed_items_only=true")

    assert_problem(whole, 409)
    assert parts.status == 202
    assert parts.json()["progress"]["succeeded"] == 3


def test_what_succeeded_and_what_has_no_items_is_not_done_again(client: Client) -> None:
    task_id = client.submitted("plain")
    client.deployment.pump()

    assert_problem(client.post(f"/v1/tasks/{task_id}/retry"), 409)
    refused = client.post(f"/v1/tasks/{task_id}/retry?failed_items_only=true")
    assert_problem(refused, 422, field="failed_items_only")


def test_nothing_begins_again_in_a_pool_that_drains(client: Client) -> None:
    task_id = client.submitted("hopeless")
    client.deployment.pump()
    drain(client.deployment.engine)

    response = client.post(f"/v1/tasks/{task_id}/retry")

    assert_problem(response, 503)
    assert int(response.headers["retry-after"]) > 0


def test_what_waits_is_made_urgent(client: Client) -> None:
    task_id = client.submitted("plain")

    response = client.patch(f"/v1/tasks/{task_id}", {"priority": 10})

    assert response.status == 200
    assert response.json()["priority"] == 10
    assert client.deployment.task(task_id).priority == 10


def test_what_is_over_has_no_place_to_change(client: Client) -> None:
    task_id = client.submitted("plain")
    client.deployment.pump()

    assert_problem(client.patch(f"/v1/tasks/{task_id}", {"priority": 10}), 409)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, "priority"),
        ({"priority": 0}, "priority"),
        ({"priority": "10"}, "priority"),
        ({"priority": 1.5}, "priority"),
        ({"priority": 5, "pool": "long"}, "pool"),
    ],
)
def test_what_is_no_change_is_refused(client: Client, change: object, field: str) -> None:
    task_id = client.submitted("plain")

    assert_problem(client.patch(f"/v1/tasks/{task_id}", change), 422, field=field)


@pytest.mark.parametrize("task_id", [NOBODY, "no id", "a" * 65])
def test_nobodys_task_is_404_whatever_is_done_to_it(client: Client, task_id: str) -> None:
    path = f"/v1/tasks/{task_id.replace(' ', '%20')}"

    assert_problem(client.post(f"{path}/cancel"), 404)
    assert_problem(client.post(f"{path}/retry"), 404)
    assert_problem(client.patch(path, {"priority": 5}), 404)


def test_another_tenants_task_is_nobodys(client: Client) -> None:
    acme, globex = (Client(client.deployment, name) for name in ("acme", "globex"))
    task_id = acme.submitted("plain")

    assert_problem(globex.post(f"/v1/tasks/{task_id}/cancel"), 404)
    assert_problem(globex.post(f"/v1/tasks/{task_id}/retry"), 404)
    assert_problem(globex.patch(f"/v1/tasks/{task_id}", {"priority": 5}), 404)
    assert acme.get(f"/v1/tasks/{task_id}").json()["state"] == "queued"
