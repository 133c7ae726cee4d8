"""The examples, deployed in one process, and what tests ask of them again and again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from tasks.examples import handled, primes, unreliable
from tests.countries import deploy_countries
from tests.harness import ENVIRONMENT, Deployment, Response

SECOND = timedelta(seconds=1)
JSON = {"content-type": "application/json"}


@contextmanager
def deploy_examples() -> Iterator[Deployment]:
    """The applications, for all tests of a module: little to count, and nothing fails by chance."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setattr(primes, "BELOW", 10_000)
        patch.setattr(unreliable, "draw", lambda: 1.0)
        patch.setattr(handled, "choose", lambda errors: errors[-1])
        with deploy_countries() as deployment:
            yield deployment


def start(deployment: Deployment, path: str, body: str | None = None, **headers: str) -> Any:
    """POST; the answer, which must be 200."""
    response = post(deployment, path, body, **headers)
    assert response.status == 200, response.body
    return response.json()


def post(deployment: Deployment, path: str, body: str | None = None, **headers: str) -> Response:
    """POST, with a body in JSON if there is one; _ in names of headers stands for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return deployment.http("POST", path, body=body, headers=(JSON if body else {}) | named)


def get(deployment: Deployment, path: str) -> Any:
    """GET; the answer, which must be 200."""
    response = deployment.http("GET", path)
    assert response.status == 200, response.body
    return response.json()


def status(deployment: Deployment, task_id: str) -> Any:
    """Poll once."""
    return get(deployment, f"/task-status/{task_id}")


def result(deployment: Deployment, task_id: str) -> Any:
    """What a task came to, which must have succeeded."""
    said = status(deployment, task_id)
    assert said["status"] == "completed", said
    return said["result"]
