"""The header Idempotency-Key, at a route that takes it and at the countries' refresh."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from tests.countries import REFRESH, deploy_few
from tests.harness import Deployment, Response, deploy
from windrow import Context, Registry, task
from windrow.api.idempotency import IdempotencyKey, replayed
from windrow.engine.engine import Engine
from windrow.engine.submit import submit


class Greeting(BaseModel):
    """Whom to greet."""

    name: str


@task("greet", params=Greeting)
def greet(context: Context, params: Greeting) -> str:
    return f"Hello {params.name}!"


def routers(engine: Engine) -> list[APIRouter]:
    router = APIRouter()

    @router.post("/greetings")
    def create(body: dict[str, Any], key: IdempotencyKey) -> JSONResponse:
        submission = submit(engine, "greet", body, key=key)
        return JSONResponse(submission.task.ref.task, 202, headers=replayed(submission))

    return [router]


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy(Registry([greet]), routers=routers) as deployed:
        yield deployed


def post(deployment: Deployment, body: str, key: str | None = None) -> Response:
    headers = {"content-type": "application/json"}
    if key is not None:
        headers["idempotency-key"] = key
    return deployment.http("POST", "/greetings", body=body, headers=headers)


def test_a_repeated_request_is_given_its_first_answer_again(deployment: Deployment) -> None:
    first = post(deployment, '{"name": "Ada"}', "k1")
    second = post(deployment, '{"name": "Ada"}', "k1")

    assert (second.status, second.json()) == (first.status, first.json()) == (202, first.json())
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"


def test_requests_without_a_key_are_never_the_same(deployment: Deployment) -> None:
    first, second = (post(deployment, '{"name": "Ada"}') for _ in range(2))

    assert first.json() != second.json()
    assert "idempotent-replayed" not in second.headers


def test_another_body_with_the_same_key_is_answered_422(deployment: Deployment) -> None:
    post(deployment, '{"name": "Ada"}', "k1")
    writes = deployment.port.count("PutItem")

    refused = post(deployment, '{"name": "Grace"}', "k1")

    assert refused.status == 422
    assert refused.json() == {
        "error": "Key 'k1' was used before, for another task than 'greet', or with other params"
        " or options."
    }
    assert deployment.port.count("PutItem") == writes + 1, "the one that was refused"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", "must be 1 to 255 printable ASCII characters"),
        ("x" * 256, "must be 1 to 255 printable ASCII characters"),
        ("caf\xe9", "must be 1 to 255 printable ASCII characters"),
        ("a\tb", "must be 1 to 255 printable ASCII characters"),
        ("schedule/daily/now", "must be a key that does not start with schedule/ or webhook/"),
        ("webhook/1/evt_1", "must be a key that does not start with schedule/ or webhook/"),
    ],
)
def test_a_key_that_is_none_is_refused_in_the_documented_shape(
    deployment: Deployment, key: str, expected: str
) -> None:
    refused = post(deployment, '{"name": "Ada"}', key)

    assert refused.status == 400
    assert refused.json() == {
        "error": "Validation failed",
        "details": {"Idempotency-Key": expected},
    }


def test_a_refresh_that_is_asked_for_again_is_answered_as_before() -> None:
    with deploy_few() as deployment:
        headers = {"Idempotency-Key": "once"}
        first = deployment.http("POST", REFRESH, headers=headers)
        again = deployment.http("POST", REFRESH, headers=headers)
        another = deployment.http("POST", REFRESH)
        deployment.pump()
        late = deployment.http("POST", REFRESH, headers=headers)

        assert again.json() == late.json() == first.json()
        assert first.json()["status"] == "started"
        assert another.json()["status"] == "already_running"
        assert "idempotent-replayed" not in another.headers
        assert again.headers["idempotent-replayed"] == "true"
        assert deployment.hints.messages == [], "nothing was started again"


def test_a_refresh_that_met_another_is_answered_so_again_when_that_is_over() -> None:
    with deploy_few() as deployment:
        headers = {"Idempotency-Key": "once"}
        deployment.http("POST", REFRESH)
        first = deployment.http("POST", REFRESH, headers=headers)
        deployment.pump()
        again = deployment.http("POST", REFRESH, headers=headers)

        assert first.json()["status"] == again.json()["status"] == "already_running"
        assert "idempotent-replayed" not in first.headers
        assert again.headers["idempotent-replayed"] == "true"
        assert deployment.hints.messages == [], "nothing was started"
