"""POST /v1/tasks: what a task is accepted with, and what it is refused for."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.native import TASK_ID, Client, assert_problem
from windrow.engine.control import drain
from windrow.model.ref import Ref

GREET = {"task": "greet", "params": {"name": "Ada"}}


def test_a_task_is_accepted_with_where_and_when_to_poll(client: Client) -> None:
    response = client.post("/v1/tasks", GREET)

    body = response.json()
    assert response.status == 202
    assert re.fullmatch(TASK_ID, body["id"])
    assert response.headers["location"] == f"/v1/tasks/{body['id']}"
    assert response.headers["retry-after"] == "2"
    assert body == {
        "id": body["id"],
        "task": "greet",
        "state": "queued",
        "priority": 5,
        "pool": "default",
        "attempts": 0,
        "created_at": "2026-01-15T10:30:00.000Z",
        "deadline_at": "2026-01-16T10:30:00.000Z",
    }


def test_an_accepted_task_is_done(client: Client) -> None:
    task_id = client.submitted(name="greet")

    client.deployment.pump()

    assert client.deployment.task(task_id).result == '"Hello Ada!"'


@pytest.mark.parametrize(
    ("terms", "shown"),
    [
        ({"delay_seconds": 90}, {"not_before": "2026-01-15T10:31:30.000Z"}),
        ({"delay_seconds": 0.25}, {"not_before": "2026-01-15T10:30:00.250Z"}),
        ({"at": "2026-01-15T12:00:00+01:00"}, {"not_before": "2026-01-15T11:00:00.000Z"}),
        ({"start_within_seconds": 5}, {"start_by": "2026-01-15T10:30:05.000Z"}),
        ({"deadline_seconds": 60}, {"deadline_at": "2026-01-15T10:31:00.000Z"}),
        ({"priority": 10}, {"priority": 10}),
        ({"max_retries": 0}, {"max_retries": 0}),
        ({"unique": "Ada's"}, {"unique": "Ada's"}),
    ],
)
def test_each_term_of_a_submission_can_be_said(
    client: Client, terms: dict[str, Any], shown: dict[str, Any]
) -> None:
    body = client.post("/v1/tasks", GREET | terms).json()

    assert {name: body.get(name) for name in shown} == shown


def test_a_task_that_starts_later_is_not_worth_a_poll_before(client: Client) -> None:
    response = client.post("/v1/tasks", GREET | {"delay_seconds": 90})

    assert response.headers["retry-after"] == "92"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"delay_seconds": -1}, "delay_seconds"),
        ({"delay_seconds": 366 * 86400 + 1}, "delay_seconds"),
        ({"delay_seconds": "60"}, "delay_seconds"),
        ({"delay_seconds": True}, "delay_seconds"),
        ({"at": "2026-01-15"}, "at"),
        ({"at": "2026-01-15T10:30:00"}, "at"),
        ({"at": "2026-02-30T10:30:00Z"}, "at"),
        ({"at": "2028-01-15T10:30:00Z"}, "at"),
        ({"at": "0001-01-01T00:00:00+23:59"}, "at"),
        ({"at": 1768473000}, "at"),
        ({"at": "2026-01-15T12:00:00Z", "delay_seconds": 1}, "at"),
        ({"start_within_seconds": 0}, "start_within_seconds"),
        ({"deadline_seconds": 0}, "deadline_seconds"),
        ({"deadline_seconds": 1e300}, "deadline_seconds"),
        ({"priority": 0}, "priority"),
        ({"priority": 11}, "priority"),
        ({"priority": 5.0}, "priority"),
        ({"priority": "5"}, "priority"),
        ({"unique": ""}, "unique"),
        ({"unique": "x" * 256}, "unique"),
        ({"unique": "a\x00b"}, "unique"),
        ({"task": ""}, "task"),
        ({"task": "unheard-of"}, "task"),
        ({"task": None}, "task"),
        ({"params": []}, "params"),
        ({"params": {}}, "params.name"),
        ({"params": {"name": "Ada", "times": "many"}}, "params.times"),
        ({"tenant": "another"}, "tenant"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(
    client: Client, wrong: dict[str, Any], field: str
) -> None:
    refused = client.post("/v1/tasks", GREET | wrong)

    assert_problem(refused, 422, field=field)
    assert client.deployment.port.count("PutItem") == 0


def test_a_repeated_request_meets_its_first_task(client: Client) -> None:
    first = client.post("/v1/tasks", GREET, idempotency_key="k1")
    again = client.post("/v1/tasks", GREET, idempotency_key="k1")
    other = client.post("/v1/tasks", {"task": "plain"}, idempotency_key="k1")

    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert assert_problem(other, 422)["type"] == "urn:problem-type:windrow:key-reused"


def test_a_key_that_is_none_is_refused_by_its_name(client: Client) -> None:
    refused = client.post("/v1/tasks", GREET, idempotency_key="x" * 256)

    assert_problem(refused, 422, field="Idempotency-Key")


def test_a_submission_that_meets_the_holder_of_its_unique_key_is_told_so(client: Client) -> None:
    first = client.post("/v1/tasks", GREET | {"unique": "one"}).json()
    second = client.post("/v1/tasks", GREET | {"unique": "one"})

    assert second.status == 202
    assert second.json() == {**first, "is_met": True}


def test_a_task_belongs_to_the_tenant_that_the_authorizer_names(client: Client) -> None:
    ours = Client(client.deployment, tenant="acme")

    task_id = ours.submitted()

    records = client.deployment.engine.records
    assert records.task(Ref("acme", task_id)) is not None
    assert records.task(Ref("default", task_id)) is None


def test_a_caller_of_no_possible_tenant_is_refused(client: Client) -> None:
    intruder = Client(client.deployment, tenant="acme#default")

    refused = assert_problem(intruder.post("/v1/tasks", GREET), 403)

    assert refused["type"] == "urn:problem-type:windrow:unknown-tenant"


def test_whom_the_authorizer_lets_in_without_a_tenant_is_no_operator(client: Client) -> None:
    nobody = Client(client.deployment, tenant="")

    assert_problem(nobody.post("/v1/pools/default/pause", {}), 403)
    assert_problem(nobody.get("/v1/tasks/01KF0Q5M00E4Q8V0J8Z1X2Y3W4"), 403)


def test_a_draining_pool_says_when_to_come_again(client: Client) -> None:
    drain(client.deployment.engine, "default")

    refused = client.post("/v1/tasks", GREET)

    assert assert_problem(refused, 503)["type"] == "urn:problem-type:windrow:draining"
    assert refused.headers["retry-after"] == "60"


def test_when_aws_does_not_answer_the_caller_may_come_again(client: Client) -> None:
    client.deployment.port.plan("refused", "PutItem", times=9)

    refused = client.post("/v1/tasks", GREET)

    assert_problem(refused, 503)
    assert refused.headers["retry-after"] == "2"
    assert "request.failed" in client.deployment.telemetry.verbs()


def test_a_hint_that_cannot_be_sent_is_no_refusal(client: Client) -> None:
    client.deployment.hints.is_down = True
    task_id = client.submitted()
    client.deployment.hints.is_down = False

    client.deployment.run_for(timedelta(minutes=3))

    assert client.deployment.task(task_id).result == '"Hello Ada!"'
