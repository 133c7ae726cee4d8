"""Quotas at the door, and the methods that every path of /v1 answers."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.native import Client, assert_problem, deploy_native

QUOTA = '"default";q=3;w=60'


@pytest.fixture
def limited() -> Iterator[Client]:
    with deploy_native(requests_per_minute=3) as made:
        yield made


def test_each_answer_says_what_is_left(limited: Client) -> None:
    first = limited.post("/v1/tasks", {"task": "plain"})
    wrong = limited.get("/v1/unheard-of")

    assert first.headers["ratelimit-policy"] == wrong.headers["ratelimit-policy"] == QUOTA
    assert first.headers["ratelimit"] == '"default";r=2;t=20'
    assert wrong.headers["ratelimit"] == '"default";r=1;t=40'


def test_who_asks_too_often_is_told_when_to_come_again(limited: Client) -> None:
    for _ in range(3):
        limited.submitted("plain")
    refused = limited.post("/v1/tasks", {"task": "plain"})
    limited.deployment.clock.advance(timedelta(seconds=20))
    again = limited.post("/v1/tasks", {"task": "plain"})

    problem = assert_problem(refused, 429)
    assert problem["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert problem["violated-policies"] == ["default"]
    assert refused.headers["retry-after"] == "20"
    assert refused.headers["ratelimit"] == '"default";r=0;t=60'
    assert again.status == 202
    assert ("request.limited", {"tenant": "default", "path": "/v1/tasks"}) in (
        limited.deployment.telemetry.events
    )


def test_tenants_have_a_quota_each(limited: Client) -> None:
    for _ in range(3):
        limited.submitted("plain")

    assert Client(limited.deployment, tenant="acme").submitted("plain")


def test_a_poll_is_not_counted(limited: Client) -> None:
    task_id = limited.submitted("plain")

    polls = [limited.get(f"/v1/tasks/{task_id}") for _ in range(9)]

    assert {poll.status for poll in polls} == {200}


def test_when_requests_cannot_be_counted_they_are_answered(limited: Client) -> None:
    limited.deployment.port.plan("refused", "UpdateItem", times=9)

    answer = limited.post("/v1/tasks", {"task": "plain"})

    assert answer.status == 202
    assert "ratelimit" not in answer.headers
    assert "request.uncounted" in limited.deployment.telemetry.verbs()


def test_without_a_limit_nothing_is_said_of_one(client: Client) -> None:
    answer = client.post("/v1/tasks", {"task": "plain"})

    assert not {"ratelimit", "ratelimit-policy"} & answer.headers.keys()


def test_head_answers_as_get_does_without_its_body(client: Client) -> None:
    head, get = client.send("HEAD", "/v1/pools"), client.get("/v1/pools")

    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


def test_options_says_what_a_path_can_be_asked_for(client: Client) -> None:
    pools = client.send("OPTIONS", "/v1/pools")

    assert (pools.status, pools.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert_problem(client.send("OPTIONS", "/v1/unheard-of"), 404)
