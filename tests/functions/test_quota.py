"""A tenant's quota counts what the applications' routes change too, whichever words they speak."""

import re
from collections.abc import Iterator

import pytest

from tasks import registry, routes, status
from tests.harness import Deployment, Response, deploy
from windrow.engine.engine import Engine

QUOTA = 12
# Whose callers know FastAPI's own words.
DETAILED = ("/api/tasks", "/api/articles")


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with deploy(
        registry,
        routers=routes.routers,
        status_routes=status.routes,
        settings={"WINDROW_REQUESTS_PER_MINUTE": str(QUOTA)},
    ) as deployed:
        yield deployed


def changing(engine: Engine) -> list[tuple[str, str]]:
    """Each method and path of the applications that is not for reading."""
    return [
        (method, re.sub("{[^}]*}", "x", getattr(route, "path", "")))
        for router in routes.routers(engine)
        for route in router.routes
        for method in sorted(getattr(route, "methods", ()))
        if method not in ("GET", "HEAD")
    ]


def post(deployment: Deployment, path: str, tenant: str) -> Response:
    return deployment.http("POST", path, tenant=tenant)


def left(answer: Response) -> str:
    return answer.headers["ratelimit"].split(";")[1]


def test_every_route_that_changes_something_is_429_when_the_quota_is_used_up(
    deployment: Deployment,
) -> None:
    deployment.engine.quota.take("used-up", QUOTA)
    asked = changing(deployment.engine)
    made = len(deployment.port.calls)

    answers = {
        (method, path): deployment.http(method, path, tenant="used-up") for method, path in asked
    }

    assert {path for _, path in asked} >= {"/start-task", "/api/tasks/enqueue", "/countries/x"}
    for (_, path), answer in answers.items():
        says = "detail" if path.startswith(DETAILED) else "error"
        assert (path, answer.status) == (path, 429)
        assert answer.json() == {says: "At most 12 requests in 60 seconds."}
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["ratelimit-policy"] == '"default";q=12;w=60'
    assert deployment.port.calls[made:] == []


def test_what_is_counted_says_what_is_left_and_what_reads_is_free(deployment: Deployment) -> None:
    started = post(deployment, "/start-task", "reader")
    task_id = started.json()["task_id"]

    read = [
        deployment.http("GET", path, tenant="reader")
        for path in (f"/task-status/{task_id}", f"/api/tasks/{task_id}", "/api/tasks/", "/status")
    ]

    assert left(started) == "r=11"
    assert {answer.status for answer in read} == {200}
    assert not any("ratelimit" in answer.headers for answer in read)
    assert left(post(deployment, "/fetch-data", "reader")) == "r=10"


def test_a_batch_counts_as_many_as_it_has_tasks(deployment: Deployment) -> None:
    first = post(deployment, "/batch-processing", "batches")
    stored = deployment.http("GET", "/api/tasks/", tenant="batches").json()["total_count"]

    second = post(deployment, "/batch-processing", "batches")

    assert (first.status, stored, left(first)) == (200, 10, "r=2")
    assert second.status == 429
    assert list(second.json()) == ["error"]
    assert int(second.headers["retry-after"]) > 5
    after = deployment.http("GET", "/api/tasks/", tenant="batches").json()["total_count"]
    assert after == stored


def test_a_refusal_names_the_tenant_in_the_log(deployment: Deployment) -> None:
    deployment.engine.quota.take("logged", QUOTA)

    post(deployment, "/start-task", "logged")

    told = ("request.limited", {"tenant": "logged", "path": "/start-task"})
    assert told in deployment.telemetry.events
