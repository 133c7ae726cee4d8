"""/v1/pools: depths, modes, orders, and who may see and give them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.native import Client, assert_problem, deploy_native, greet
from windrow import Context, task


@task("rationed", pool="long", limit=2)
def rationed(context: Context) -> None: ...


@pytest.fixture
def client() -> Iterator[Client]:
    with deploy_native([greet, rationed]) as made:
        yield made


def pool(client: Client, name: str = "default") -> Any:
    return client.get(f"/v1/pools/{name}").json()


def test_each_pool_says_how_much_waits_and_since_when(client: Client) -> None:
    client.submitted()
    client.post("/v1/tasks", {"task": "greet", "params": {"name": "Ada"}, "delay_seconds": 600})

    (default, long) = client.get("/v1/pools").json()["pools"]

    assert default == {
        "name": "default",
        "mode": "run",
        "running": 0,
        "waiting": 1,
        "delayed": 1,
        "oldest_waiting_at": "2026-01-15T10:30:00.000Z",
        "tasks": ["greet"],
    }
    assert long == {
        "name": "long",
        "mode": "run",
        "running": 0,
        "waiting": 0,
        "delayed": 0,
        "tasks": ["rationed"],
        "limits": [{"task": "rationed", "limit": 2}],
    }


def test_an_order_holds_until_it_is_taken_back(client: Client) -> None:
    paused = client.post("/v1/pools/default/pause").json()
    drained = client.post("/v1/pools/default/drain", {}).json()
    refused = client.post("/v1/tasks", {"task": "greet", "params": {"name": "Ada"}})
    resumed = client.post("/v1/pools/default/resume").json()

    assert (paused["mode"], paused["since"]) == ("pause", "2026-01-15T10:30:00.000Z")
    assert drained["mode"] == "drain"
    assert_problem(refused, 503)
    assert resumed == pool(client)
    assert resumed["mode"] == "run"
    assert "since" not in resumed


@pytest.mark.parametrize("method_and_path", ["GET /unheard-of", "POST /unheard-of/pause"])
def test_a_pool_that_there_is_not(client: Client, method_and_path: str) -> None:
    method, path = method_and_path.split()

    assert_problem(client.send(method, "/v1/pools" + path), 404)


def test_a_name_that_is_none_is_no_pool(client: Client) -> None:
    assert_problem(client.get("/v1/pools/a%23b"), 404)


def test_an_order_takes_no_body(client: Client) -> None:
    assert_problem(client.post("/v1/pools/default/pause", {"for": 5}), 422, field="for")
    assert pool(client)["mode"] == "run"


@pytest.mark.parametrize("path", ["GET /v1/pools", "POST /v1/pools/default/drain"])
def test_a_tenant_orders_nothing_for_the_others(client: Client, path: str) -> None:
    tenant = Client(client.deployment, tenant="acme")

    assert_problem(tenant.send(path.split()[0], path.split()[1]), 403)
    assert pool(client)["mode"] == "run"
