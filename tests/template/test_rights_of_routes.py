"""What a route of the API asks of AWS, its function may: the table or the index, and the action.

A door's imports tell its actions, and not of which index it asks; calls that were made tell both.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.native import Client, deploy_native
from tests.template.test_rights import grants
from windrow import Context, RetryPolicy, task
from windrow.engine.claim import claim

DYNAMODB = {"GetItem", "Query", "PutItem", "UpdateItem", "BatchGetItem"}


@task("limited", limit=1)
def limited(context: Context) -> None: ...


@task.map("numbers", chunk_size=1, retry=RetryPolicy(attempts=2))
def numbers(context: Context) -> list[int]:
    return [1, 2]


@numbers.each
def number(context: Context, item: int) -> None:
    raise ValueError(item)


@pytest.fixture
def client() -> Iterator[Client]:
    with deploy_native([limited, numbers]) as made:
        yield made


def asked(client: Client, path: str) -> set[tuple[str, str]]:
    """The pairs of a resource and an action that a request asks for."""
    calls = client.deployment.port.calls
    before = len(calls)
    assert client.get(path).status == 200
    return {
        (_resource(parameters), f"dynamodb:{operation}")
        for operation, parameters in calls[before:]
        if operation in DYNAMODB
    }


def _resource(parameters: Any) -> str:
    index = parameters.get("IndexName")
    return f"{parameters['TableName']}/index/{index}" if index else str(parameters["TableName"])


def test_an_explanation_may_read_what_it_reads(client: Client, template: dict[str, Any]) -> None:
    deployment = client.deployment
    holder, waiting, later = (client.submitted("limited") for _ in range(3))
    until = deployment.clock.now() + limited.deadline
    claim(deployment.engine, deployment.task(holder), until, limited.slots)
    claim(deployment.engine, deployment.task(waiting), until, limited.slots)
    mapped = client.submitted("numbers")
    deployment.pump()

    found = set[tuple[str, str]]()
    for task_id in (holder, waiting, later, mapped):
        found |= asked(client, f"/v1/tasks/{task_id}/explain")

    assert ("TasksTable", "dynamodb:Query") in found
    assert found <= grants(template, "ApiFunction")


def test_who_is_ahead_may_be_read_from_the_index(client: Client, template: dict[str, Any]) -> None:
    found = asked(client, f"/v1/tasks/{client.submitted('limited')}/explain")

    assert ("TasksTable/index/ready", "dynamodb:Query") in found
    assert found <= grants(template, "ApiFunction")
