"""Whatever a client of the task manager sends, it is told what is wrong, in its own shape."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness import Deployment, Response
from tests.managed import deploy_managed
from windrow.engine.claim import claim

GOOD: dict[str, Any] = {
    "task_name": "afirgen_tasks.email.send_confirmation",
    "task_type": "email",
    "params": {"fir_id": "fir_12345", "recipient_email": "user@example.com"},
}
TYPES = "['email', 'report', 'analytics', 'cleanup']"
STATES = "['pending', 'running', 'completed', 'failed', 'cancelled']"


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with deploy_managed() as deployed:
        yield deployed


def enqueue(deployment: Deployment, body: Any, **headers: str) -> Response:
    text = body if isinstance(body, str) else json.dumps(body)
    sent = {"content-type": "application/json", **headers}
    return deployment.http("POST", "/api/tasks/enqueue", body=text, headers=sent)


def places(answer: Response) -> list[str]:
    """Where something is wrong: "body.priority"."""
    assert all(set(each) == {"type", "loc", "msg"} for each in answer.json()["detail"])
    return [".".join(map(str, each["loc"])) for each in answer.json()["detail"]]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"priority": 0}, "body.priority"),
        ({"priority": 11}, "body.priority"),
        ({"priority": "5"}, "body.priority"),
        ({"max_retries": -1}, "body.max_retries"),
        ({"max_retries": 11}, "body.max_retries"),
        ({"task_type": None}, "body.task_type"),
        ({"task_name": ""}, "body.task_name"),
        ({"params": []}, "body.params"),
        ({"params": {"fir_id": "fir_12345"}}, "body.params.recipient_email"),
        ({"prio": 5}, "body.prio"),
    ],
)
def test_a_wrong_field_is_named(
    deployment: Deployment, changed: dict[str, Any], place: str
) -> None:
    answer = enqueue(deployment, GOOD | changed)

    assert answer.status == 422
    assert places(answer) == [place]


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ("{", "value_error", "must be valid JSON: Expecting property name"),
        (json.dumps(GOOD | {"params": {"fir_id": "1"}}), "missing", "Field required"),
        (json.dumps(GOOD | {"prio": 5}), "extra_forbidden", "no field of this name"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    deployment: Deployment, body: str, kind: str, said: str
) -> None:
    (error,) = enqueue(deployment, body).json()["detail"]

    assert error["type"] == kind
    assert error["msg"].startswith(said)


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"task_type": NaN}', '"\\ud800"'])
def test_a_body_that_cannot_be_read_is_refused(deployment: Deployment, body: str) -> None:
    answer = enqueue(deployment, body)

    assert answer.status == 422
    assert places(answer)[0].startswith("body")


def test_other_bodies_than_json_and_larger_ones_are_refused(deployment: Deployment) -> None:
    form = enqueue(deployment, "task_type=email", **{"content-type": "text/plain"})
    large = enqueue(deployment, GOOD | {"params": {"fir_id": "x" * 300_000}})

    assert (form.status, large.status) == (415, 413)
    assert all(isinstance(answer.json()["detail"], str) for answer in (form, large))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"task_type": "sms"}, f"Invalid task_type. Must be one of: {TYPES}"),
        (
            {"task_name": "afirgen_tasks.email.drop_tables"},
            "Invalid task_name for task_type 'email'. Must be one of:"
            " ['afirgen_tasks.email.send_confirmation']",
        ),
        (
            {"task_type": "report"},
            "Invalid task_name for task_type 'report'. Must be one of:"
            " ['afirgen_tasks.reports.generate_pdf']",
        ),
        (
            {"task_name": "articles.extract"},
            "Invalid task_name for task_type 'email'. Must be one of:"
            " ['afirgen_tasks.email.send_confirmation']",
        ),
    ],
)
def test_a_name_is_looked_up_among_the_tasks_of_its_type(
    deployment: Deployment, changed: dict[str, Any], said: str
) -> None:
    answer = enqueue(deployment, GOOD | changed)

    assert (answer.status, answer.json()) == (400, {"detail": said})


def test_a_name_may_come_without_what_the_seed_begins_it_with(deployment: Deployment) -> None:
    assert enqueue(deployment, GOOD | {"task_name": "email.send_confirmation"}).status == 201


@pytest.mark.parametrize("path", ["/api/tasks", "/api/tasks/", "/api/tasks/count/all"])
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("status=done", f"Invalid status. Must be one of: {STATES}"),
        ("task_type=sms", f"Invalid task_type. Must be one of: {TYPES}"),
    ],
)
def test_a_filter_that_there_is_not_is_refused(
    deployment: Deployment, path: str, query: str, said: str
) -> None:
    answer = deployment.http("GET", f"{path}?{query}")

    assert (answer.status, answer.json()) == (400, {"detail": said})


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("limit=0", "query.limit"),
        ("limit=1001", "query.limit"),
        ("limit=many", "query.limit"),
        ("offset=-1", "query.offset"),
        ("stauts=failed", "query.stauts"),
        ("limit=5&limit=6", "query.limit"),
    ],
)
def test_a_wrong_parameter_is_named(deployment: Deployment, query: str, place: str) -> None:
    answer = deployment.http("GET", f"/api/tasks?{query}")

    assert answer.status == 422
    assert places(answer) == [place]


def test_an_offset_too_far_is_refused_with_advice(deployment: Deployment) -> None:
    answer = deployment.http("GET", "/api/tasks?offset=10001")

    assert answer.status == 400
    assert "follow the Link" in answer.json()["detail"]


def test_a_cursor_of_another_list_is_refused(deployment: Deployment) -> None:
    answer = deployment.http("GET", "/api/tasks?cursor=abc")

    assert answer.status == 400
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("task_id", ["abc-123", "a.b", "x" * 70])
def test_what_is_unknown_cannot_be_cancelled(deployment: Deployment, task_id: str) -> None:
    answer = deployment.http("POST", f"/api/tasks/{task_id}/cancel")

    assert answer.status == 404
    assert answer.json() == {"detail": f"Task {task_id} not found or already completed"}


def test_what_is_over_cannot_be_cancelled(deployment: Deployment) -> None:
    done, cancelled = (enqueue(deployment, GOOD).json()["task_id"] for _ in range(2))
    deployment.http("POST", f"/api/tasks/{cancelled}/cancel")
    deployment.pump()

    for task_id in (done, cancelled):
        answer = deployment.http("POST", f"/api/tasks/{task_id}/cancel")
        assert answer.status == 404
        assert answer.json() == {"detail": f"Task {task_id} not found or already completed"}


def test_a_request_that_is_sent_again_is_done_once(deployment: Deployment) -> None:
    first, again = (enqueue(deployment, GOOD, **{"idempotency-key": "one"}) for _ in range(2))
    other = enqueue(
        deployment,
        GOOD | {"params": {"fir_id": "2", "recipient_email": "a@b"}},
        **{"idempotency-key": "one"},
    )
    unreadable = enqueue(deployment, GOOD, **{"idempotency-key": "schedule/daily"})

    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status, other.status, unreadable.status) == (201, 422, 422)
    assert places(unreadable) == ["header.Idempotency-Key"]


def test_a_page_links_to_the_next_one(deployment: Deployment) -> None:
    for _ in range(4):
        enqueue(deployment, GOOD)

    first = deployment.http("GET", "/api/tasks?task_type=email&limit=2")
    link = first.headers["link"].removeprefix("<").partition(">")[0]
    following = deployment.http("GET", link)

    pages = [[task["task_id"] for task in page.json()["tasks"]] for page in (first, following)]
    assert len(pages[0]) == len(pages[1]) == 2
    assert not set(pages[0]) & set(pages[1])


def test_a_type_of_which_there_is_no_task_is_an_empty_list(deployment: Deployment) -> None:
    answer = deployment.http("GET", "/api/tasks?task_type=analytics")

    assert answer.json() == {"tasks": [], "total_count": 0, "limit": 100, "offset": 0}


def test_another_tenants_tasks_are_neither_listed_nor_counted_nor_cancelled(
    deployment: Deployment,
) -> None:
    task_id = enqueue(deployment, GOOD).json()["task_id"]

    listed = deployment.http("GET", "/api/tasks", tenant="acme").json()
    counted = deployment.http("GET", "/api/tasks/count/all", tenant="acme").json()
    cancelled = deployment.http("POST", f"/api/tasks/{task_id}/cancel", tenant="acme")

    assert (listed["tasks"], counted["count"], cancelled.status) == ([], 0, 404)


def test_when_aws_does_not_answer_it_is_503_in_detail(deployment: Deployment) -> None:
    deployment.port.plan("refused", "PutItem")

    answer = enqueue(deployment, GOOD)

    assert answer.status == 503
    assert isinstance(answer.json()["detail"], str)


def test_a_task_that_runs_is_asked_to_stop(deployment: Deployment) -> None:
    task_id = enqueue(deployment, GOOD).json()["task_id"]
    until = deployment.clock.now() + deployment.engine.retention
    claim(deployment.engine, deployment.task(task_id), until, None)

    answer = deployment.http("POST", f"/api/tasks/{task_id}/cancel").json()

    assert answer == {"task_id": task_id, "success": True, "message": "Task is asked to stop"}
