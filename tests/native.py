"""The native API for tests: a deployment of a few tasks, and a client that speaks JSON."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from tests.harness import Deployment, Response, deploy
from windrow import Context, Registry, task
from windrow.engine.definition import Definition

TASK_ID = r"[0-9A-HJKMNP-TV-Z]{26}"


class Greeting(BaseModel):
    """Whom to greet."""

    name: str
    times: int = 1


@task("greet", params=Greeting)
def greet(context: Context, params: Greeting) -> str:
    return f"Hello {params.name}!" * params.times


@task("plain", pool="long")
def plain(context: Context) -> None: ...


@dataclass(frozen=True)
class Client:
    """Asks a deployment as one tenant; `tenant` is None where there is no authorizer."""

    deployment: Deployment
    tenant: str | None = None

    def get(self, path: str, **headers: str) -> Response:
        return self.send("GET", path, headers=_named(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        """`body` is anything that JSON can say; None sends no body."""
        text = None if body is None else json.dumps(body)
        return self.send("POST", path, text, _named(headers))

    def patch(self, path: str, body: Any, **headers: str) -> Response:
        return self.send("PATCH", path, json.dumps(body), _named(headers))

    def delete(self, path: str, **headers: str) -> Response:
        return self.send("DELETE", path, headers=_named(headers))

    def send(
        self,
        method: str,
        path: str,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Any request, with a body as it is."""
        sent = {"content-type": "application/json"} if body is not None else {}
        sent |= headers or {}
        return self.deployment.http(method, path, body=body, headers=sent, tenant=self.tenant)

    def submitted(self, name: str = "greet", **params: Any) -> str:
        """The id of a task that was submitted now, with {"name": "Ada"} if nothing else is said."""
        given = params or ({"name": "Ada"} if name == "greet" else {})
        response = self.post("/v1/tasks", {"task": name, "params": given})
        assert response.status == 202, response.body
        task_id: str = response.json()["id"]
        return task_id


@contextmanager
def deploy_native(
    definitions: Iterable[Definition] = (greet, plain), *, requests_per_minute: int = 0
) -> Iterator[Client]:
    """A deployment of these tasks, without routes of its own, and a client without a tenant."""
    settings = {"WINDROW_REQUESTS_PER_MINUTE": str(requests_per_minute)}
    with deploy(Registry(definitions), settings=settings) as deployed:
        yield Client(deployed)


def assert_problem(response: Response, status: int, *, field: str | None = None) -> Any:
    """It is a problem of this status, which names this field; returns it."""
    assert response.status == status, response.body
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert {"type", "title", "detail", "instance"} <= problem.keys()
    if field is not None:
        assert field in [wrong["field"] for wrong in problem["errors"]], problem
    return problem


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    """idempotency_key -> idempotency-key"""
    return {name.replace("_", "-"): value for name, value in headers.items()}
