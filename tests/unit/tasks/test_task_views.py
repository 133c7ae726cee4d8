"""GET /api/tasks/{id}: one path for the clients of two seeds, and for anybody's task."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tasks import registry
from tasks.manager import dialect, status
from tasks.manager.names import TYPES
from tests.harness import Deployment, Response, http_event
from tests.managed import deploy_managed
from windrow import RetryPolicy
from windrow.engine.submit import submit

HALF_PAST_TEN = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy_managed() as deployed:
        deployed.clock.advance(HALF_PAST_TEN - deployed.clock.now())
        yield deployed


def mailed(deployment: Deployment, to: str = "user@example.com") -> str:
    params = {"fir_id": "fir_12345", "recipient_email": to}
    return submit(deployment.engine, "email.send_confirmation", params).task.ref.task


def extracted(deployment: Deployment, url: str) -> str:
    return submit(deployment.engine, "articles.extract", {"url": url}).task.ref.task


def shown(deployment: Deployment, task_id: str, query: str = "") -> Response:
    return deployment.http("GET", f"/api/tasks/{task_id}{query}")


def test_an_email_is_shown_in_the_words_of_seed_004(deployment: Deployment) -> None:
    task_id = mailed(deployment)
    deployment.pump()

    assert shown(deployment, task_id).json() == {
        "task_id": task_id,
        "task_name": "afirgen_tasks.email.send_confirmation",
        "task_type": "email",
        "priority": 5,
        "status": "completed",
        "params": {"fir_id": "fir_12345", "recipient_email": "user@example.com"},
        "result": {"status": "success", "message": "Email sent successfully"},
        "error_message": None,
        "retry_count": 0,
        "max_retries": 3,
        "created_at": "2024-01-15T10:30:00",
        "started_at": "2024-01-15T10:30:00",
        "completed_at": "2024-01-15T10:30:00",
    }


def test_an_attempt_that_failed_is_told_while_the_next_is_waited_for(
    deployment: Deployment,
) -> None:
    task_id = mailed(deployment, to="nobody")
    deployment.pump()

    answer = shown(deployment, task_id).json()

    assert answer["status"] == "pending"
    assert answer["retry_count"] == 1
    assert answer["error_message"] == "No such mailbox"


def test_an_article_is_shown_in_the_words_of_seed_001(deployment: Deployment) -> None:
    task_id = extracted(deployment, "https://example.com/a")
    waiting = shown(deployment, task_id).json()
    deployment.pump()

    whole = {"task_id": task_id, "type": "article_extract", "created_at": "2024-01-15T10:30:00"}
    assert waiting == {**whole, "status": "pending"}
    assert shown(deployment, task_id).json() == {
        **whole,
        "status": "completed",
        "result": {"new_words": 8},
        "completed_at": "2024-01-15T10:30:00",
    }


def test_an_article_that_failed_says_why_and_a_cancelled_one_says_so(
    deployment: Deployment,
) -> None:
    failed = extracted(deployment, "https://example.com/403")
    deployment.pump()
    cancelled = extracted(deployment, "https://example.com/b")
    deployment.http("POST", f"/v1/tasks/{cancelled}/cancel")

    answers = [shown(deployment, task_id).json() for task_id in (failed, cancelled)]

    assert [answer["status"] for answer in answers] == ["failed", "failed"]
    assert [answer["error"] for answer in answers] == [
        "Could not fetch article: 403 Forbidden",
        "Cancelled",
    ]


def test_a_view_overrides_whose_words_they_are(deployment: Deployment) -> None:
    task_id = mailed(deployment)

    views = [shown(deployment, task_id, f"?view={view}").json() for view in status.VIEWS]

    assert [next(iter(view)) for view in views] == ["task_id", "task_id", "id"]
    assert views[0]["type"] == "email.send_confirmation"
    assert views[2] == deployment.http("GET", f"/v1/tasks/{task_id}").json()


@pytest.mark.parametrize("query", ["?view=xml", "?veiw=tasks", "?view=tasks&view=native"])
def test_a_view_that_there_is_not_is_refused(deployment: Deployment, query: str) -> None:
    answer = shown(deployment, mailed(deployment), query)

    assert answer.status == 422
    assert [each["loc"][0] for each in answer.json()["detail"]] == ["query"]


@pytest.mark.parametrize("task_id", ["abc-123", "a.b", "%00", "x" * 70])
def test_a_task_that_there_is_not_is_404(deployment: Deployment, task_id: str) -> None:
    answer = shown(deployment, task_id)

    assert answer.status == 404
    assert answer.json() == {"detail": "Task not found"}


def test_a_large_result_is_shown_as_where_to_read_it(deployment: Deployment) -> None:
    task_id = extracted(deployment, "https://example.com/long")
    deployment.pump()

    result = shown(deployment, task_id).json()["result"]

    assert result == {"url": f"/v1/tasks/{task_id}/result"}
    assert deployment.http("GET", result["url"]).status == 303


def test_a_poll_that_finds_nothing_new_is_304(deployment: Deployment) -> None:
    task_id = mailed(deployment)
    first = shown(deployment, task_id)
    seen = {"if-none-match": first.headers["etag"]}

    again = deployment.http("GET", f"/api/tasks/{task_id}", headers=seen)
    deployment.pump()
    later = deployment.http("GET", f"/api/tasks/{task_id}", headers=seen)

    assert first.headers["retry-after"] == "2"
    assert (again.status, again.body) == (304, b"")
    assert later.status == 200


def test_head_is_answered_as_get_without_its_body(deployment: Deployment) -> None:
    answer = deployment.http("HEAD", f"/api/tasks/{mailed(deployment)}")

    assert answer.status == 200
    assert answer.body == b""
    assert "etag" in answer.headers


def test_another_tenants_task_is_not_shown(deployment: Deployment) -> None:
    task_id = mailed(deployment)

    answer = deployment.http("GET", f"/api/tasks/{task_id}", tenant="acme")

    assert answer.status == 404


def test_a_tenant_that_cannot_be_one_is_403(deployment: Deployment) -> None:
    answer = deployment.http("GET", f"/api/tasks/{mailed(deployment)}", tenant="a#b")

    assert answer.status == 403
    assert "tenant" in answer.json()["detail"]


def test_when_aws_does_not_answer_the_seeds_hear_of_it_in_detail(deployment: Deployment) -> None:
    deployment.port.plan("refused", "GetItem")

    answer = shown(deployment, "abc")

    assert answer.status == 503
    assert answer.json() == {"detail": "Service unavailable"}


def test_the_api_answers_as_the_status_function_does(deployment: Deployment) -> None:
    task_id = mailed(deployment)
    unknown = http_event("GET", "/api/tasks/abc", None, {})

    answer = deployment.api(
        http_event("GET", f"/api/tasks/{task_id}", None, {}), deployment.context
    )
    refused = deployment.api(unknown, deployment.context)

    assert answer["body"].encode() == shown(deployment, task_id).body
    assert answer["headers"]["etag"] == shown(deployment, task_id).headers["etag"]
    assert (refused["statusCode"], refused["body"]) == (404, '{"detail":"Task not found"}')


def test_the_api_says_in_detail_what_it_cannot_answer(deployment: Deployment) -> None:
    event = http_event("GET", "/api/tasks/abc", None, {})
    put = http_event("PUT", "/api/tasks/abc", None, {})
    deployment.port.plan("refused", "GetItem")

    unavailable = deployment.api(event, deployment.context)
    not_allowed = deployment.api(put, deployment.context)

    assert unavailable["statusCode"] == 503
    assert list(json.loads(unavailable["body"])) == ["detail"]
    assert not_allowed["statusCode"] == 405
    assert not_allowed["headers"]["allow"] == "GET, HEAD"


def test_a_task_of_the_four_types_shows_the_retries_of_its_own_policy() -> None:
    policies = {each.name: each.retry for each in registry if each.name.split(".")[0] in TYPES}

    assert {name.split(".")[0] for name in policies} == set(TYPES)
    for name, policy in policies.items():
        assert isinstance(policy, RetryPolicy), name
        assert (name, policy.attempts) == (name, dialect.RETRIES + 1)


def test_retries_that_a_submission_named_are_shown_and_those_of_others_are_null(
    deployment: Deployment,
) -> None:
    params = {"fir_id": "fir_12345", "recipient_email": "user@example.com"}
    never = submit(deployment.engine, "email.send_confirmation", params, max_retries=0)
    other = submit(deployment.engine, "articles.extract", {"url": "https://example.com/"})

    assert shown(deployment, never.task.ref.task).json()["max_retries"] == 0
    assert shown(deployment, other.task.ref.task, "?view=tasks").json()["max_retries"] is None
