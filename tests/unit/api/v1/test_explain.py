"""GET /v1/tasks/{id}/explain: a sentence for people, and its facts for programs."""

import pytest

from tests.native import Client, assert_problem
from windrow.engine.control import pause


def test_a_task_says_why_it_does_not_run(client: Client) -> None:
    pause(client.deployment.engine, "default")
    task_id = client.submitted()

    response = client.get(f"/v1/tasks/{task_id}/explain")

    assert response.status == 200
    assert response.json() == {
        "reason": "pool_paused",
        "sentence": "Pool 'default' is paused since 10:30:00Z (now): nothing starts there until it"
        " is resumed.",
        "facts": {"pool": "default", "paused_since": "2026-01-15T10:30:00.000Z"},
    }


def test_what_holds_besides_is_said_too(client: Client) -> None:
    pause(client.deployment.engine)
    task_id = client.post(
        "/v1/tasks", {"task": "greet", "params": {"name": "Ada"}, "delay_seconds": 60}
    ).json()["id"]

    body = client.get(f"/v1/tasks/{task_id}/explain").json()

    assert body["reason"] == "waits_for_time"
    assert body["facts"] == {"not_before": "2026-01-15T10:31:00.000Z"}
    assert [also["reason"] for also in body["also"]] == ["pool_paused"]


@pytest.mark.parametrize("task_id", ["01KF0Q5M00E4Q8V0J8Z1X2Y3W4", "no%20id", "a" * 65, "%23"])
def test_an_unknown_id_is_not_found(client: Client, task_id: str) -> None:
    assert_problem(client.get(f"/v1/tasks/{task_id}/explain"), 404)


def test_another_tenants_task_is_not_found(client: Client) -> None:
    task_id = client.submitted()

    foreign = Client(client.deployment, tenant="another")

    assert_problem(foreign.get(f"/v1/tasks/{task_id}/explain"), 404)
