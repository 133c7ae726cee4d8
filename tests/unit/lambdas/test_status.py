"""A poll: what it answers, and what it costs."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy, http_event
from tests.numbers import World, numbers
from windrow.engine.submit import submit
from windrow.lambdas.status import poll
from windrow.model.reply import Reply
from windrow.store.polled import Asked, Polled


def state_of_numbers(asked: Asked) -> Reply:
    task = asked.latest.task("default", "numbers")
    return Reply({"state": task.state if task else None})


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    registry, _ = numbers(World())
    with deploy(registry, status_routes={"GET /numbers": Polled(state_of_numbers)}) as deployed:
        yield deployed


def test_a_poll_answers_with_the_newest_task(deployment: Deployment) -> None:
    answers = [deployment.http("GET", "/numbers").json()["state"]]
    submit(deployment.engine, "numbers")
    answers.append(deployment.http("GET", "/numbers").json()["state"])
    deployment.pump()
    answers.append(deployment.http("GET", "/numbers").json()["state"])

    assert answers == [None, "queued", "succeeded"]


def test_a_poll_is_one_read_while_the_task_lives(deployment: Deployment) -> None:
    submit(deployment.engine, "numbers")
    deployment.http("GET", "/numbers")
    before = len(deployment.port.calls)

    deployment.http("GET", "/numbers")

    made = [operation for operation, _ in deployment.port.calls[before:]]
    assert made == ["GetItem"]


def test_a_poll_after_the_end_sees_the_next_task_at_once(deployment: Deployment) -> None:
    submit(deployment.engine, "numbers")
    deployment.http("GET", "/numbers")
    deployment.pump()
    submit(deployment.engine, "numbers")

    assert deployment.http("GET", "/numbers").json() == {"state": "queued"}


def test_a_record_that_has_expired_is_gone_even_while_ttl_lags(deployment: Deployment) -> None:
    submit(deployment.engine, "numbers")
    deployment.pump()

    deployment.clock.advance(timedelta(days=31))

    assert deployment.http("GET", "/numbers").json() == {"state": None}


def test_a_poll_of_an_unknown_path_is_404(deployment: Deployment) -> None:
    reply = poll({}, deployment.latest, deployment.telemetry, http_event("GET", "/x", None, {}))

    assert reply["statusCode"] == 404
    assert json.loads(reply["body"]) == {"error": "Not found"}


def test_a_poll_that_aws_does_not_answer_is_503(deployment: Deployment) -> None:
    deployment.port.plan("refused", "GetItem")

    reply = deployment.http("GET", "/numbers")

    assert reply.status == 503
    assert reply.headers["retry-after"] == "2"


def test_an_answer_that_breaks_shows_no_trace(deployment: Deployment) -> None:
    def broken(asked: Asked) -> Reply:
        raise RuntimeError("secret detail")

    reply = poll(
        {"GET /x": Polled(broken)},
        deployment.latest,
        deployment.telemetry,
        http_event("GET", "/x", None, {}),
    )

    assert reply["statusCode"] == 500
    assert json.loads(reply["body"]) == {"error": "Internal server error"}
