"""Requests of seed 002's routes that are wrong: a 4xx in its own shape, and nothing is started."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract import seed_002
from tests.examples import JSON, deploy_examples, get, post, start
from tests.harness import Deployment

SEED = seed_002.routes()
STARTING = [path for path, route in SEED.items() if route.method == "POST"]
READING = [path for path, route in SEED.items() if route.method == "GET"]
POLLS = [path for path in READING if "{" in path]
BODIES = {
    "an unknown field": '{"force": true}',
    "a list": "[]",
    "broken": "{",
    "deep": "[" * 100_000,
    "half a character": '{"\\ud800": 1}',
    "300 KB": '{"a": "' + "x" * 300_000 + '"}',
    "NaN": '{"to": NaN, "priority": NaN}',
    "a name twice": '{"a": 1, "a": 2}',
}
IDS = ["nope", "%20", "a%2Fb", "%00", "%FF%FE", "..%2F..%2Fetc", "x" * 2000, "'%20OR%201=1--"]


@pytest.fixture(scope="module")
def shared() -> Iterator[Deployment]:
    with deploy_examples() as deployed:
        yield deployed


def assert_refused(response: Any, *statuses: int) -> None:
    body = response.json()
    assert response.status in statuses, (response.status, response.body[:300])
    assert list(body) in (["error"], ["error", "details"])
    assert isinstance(body["error"], str)


@pytest.mark.parametrize("path", STARTING)
def test_a_body_that_is_not_known_is_refused(shared: Deployment, path: str) -> None:
    before = get(shared, "/active-tasks")["total_count"]

    for body in BODIES.values():
        assert_refused(post(shared, path, body), 400, 413)

    assert get(shared, "/active-tasks")["total_count"] == before


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/schedule-reminder", '{"to": 7}', "to"),
        ("/schedule-reminder", '{"to": "nobody"}', "to"),
        ("/schedule-reminder", '{"to": "a@b.c\\r\\nBcc: d@e.f"}', "to"),
        ("/schedule-reminder", '{"too": "ada@example.com"}', "too"),
        ("/priority-task", '{"priority": 8}', "priority"),
        ("/priority-task", '{"priority": "high"}', "priority"),
        ("/priority-task", '{"priority": null}', "priority"),
        ("/start-task", '{"tenant": "acme"}', "tenant"),
    ],
)
def test_a_wrong_field_is_named(shared: Deployment, path: str, body: str, field: str) -> None:
    response = post(shared, path, body)

    assert_refused(response, 400)
    assert list(response.json()["details"]) == [field]


def test_a_body_that_is_no_json_is_refused(shared: Deployment) -> None:
    assert_refused(post(shared, "/start-task", "a=1", content_type="text/plain"), 415)


@pytest.mark.parametrize("path", STARTING)
def test_no_body_and_an_empty_one_are_the_same(shared: Deployment, path: str) -> None:
    assert list(start(shared, path, "{}")) == list(SEED[path].answers[0])


@pytest.mark.parametrize("path", SEED)
def test_an_unknown_method_is_told_the_right_ones(shared: Deployment, path: str) -> None:
    wrong = "GET" if SEED[path].method == "POST" else "POST"

    for method in (wrong, "PUT", "DELETE", "PATCH"):
        response = shared.http(method, path.replace("{task_id}", "nope"))

        assert_refused(response, 405)
        assert response.json() == {"error": "Method not allowed"}
        assert response.headers["allow"] == ("POST" if wrong == "GET" else "GET, HEAD")


@pytest.mark.parametrize("path", SEED)
def test_a_parameter_that_is_not_known_is_refused(shared: Deployment, path: str) -> None:
    asked = path.replace("{task_id}", "nope") + "?limit=5"
    response = shared.http(SEED[path].method, asked, headers=JSON)

    assert_refused(response, 400)
    assert list(response.json()["details"]) == ["limit"]


@pytest.mark.parametrize("path", POLLS)
def test_an_id_of_no_task_is_not_found(shared: Deployment, path: str) -> None:
    for task_id in IDS:
        assert_refused(shared.http("GET", path.replace("{task_id}", task_id)), 404)


@pytest.mark.parametrize("path", POLLS)
def test_the_task_of_another_tenant_is_not_found(shared: Deployment, path: str) -> None:
    task_id = start(shared, "/long-calculation")["task_id"]
    shared.pump()

    mine = shared.http("GET", path.replace("{task_id}", task_id))
    theirs = shared.http("GET", path.replace("{task_id}", task_id), tenant="acme")

    assert mine.status == 200
    assert_refused(theirs, 404)


@pytest.mark.parametrize("path", POLLS)
def test_head_is_answered_as_get_without_a_body(shared: Deployment, path: str) -> None:
    task_id = start(shared, "/long-calculation")["task_id"]
    shared.pump()

    response = shared.http("HEAD", path.replace("{task_id}", task_id))

    assert (response.status, response.body) == (200, b"")


def test_a_key_that_came_with_another_request_is_refused(shared: Deployment) -> None:
    first = start(shared, "/priority-task", '{"priority": "LOW"}', idempotency_key="k")
    again = post(shared, "/priority-task", '{"priority": "LOW"}', idempotency_key="k")
    other = post(shared, "/priority-task", '{"priority": "HIGH"}', idempotency_key="k")
    elsewhere = post(shared, "/start-task", idempotency_key="k")

    assert again.json() == first
    assert again.headers["idempotent-replayed"] == "true"
    assert_refused(other, 422)
    assert_refused(elsewhere, 422)


@pytest.mark.parametrize("path", ["/batch-processing", "/start-monitoring"])
def test_what_starts_many_is_repeated_with_its_key(shared: Deployment, path: str) -> None:
    first = start(shared, path, idempotency_key="many")

    assert start(shared, path, idempotency_key="many") == first


def test_only_a_calculation_has_a_calculations_result(shared: Deployment) -> None:
    task_id = start(shared, "/priority-task")["task_id"]
    shared.pump()

    response = shared.http("GET", f"/calculation-result/{task_id}")

    assert (response.status, response.json()) == (404, {"error": "Result not found or expired"})
