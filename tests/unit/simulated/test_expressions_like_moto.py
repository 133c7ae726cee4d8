"""Random conditions and updates mean the same here and in moto, where moto is right."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from moto import mock_aws

from tests.moto_port import BOTO
from tests.simulated.aws import Services
from tests.simulated.dynamodb.values import canonical_item
from tests.simulated.time import Time
from tests.tables import create_table
from tests.unit.simulated.expressions import conditions, items, updates
from windrow.aws.errors import ServiceError
from windrow.aws.port import AWS

type Pair = tuple[AWS, AWS]

NUMBERS = count()
# Every example has an item of its own, so examples may share their tables.
EXAMPLES = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def ports() -> Iterator[Pair]:
    """moto and the simulation, each with the table of tasks."""
    services = Services(Time())
    services.create_tables("TasksTable")
    with mock_aws():
        create_table(BOTO, "TasksTable")
        yield BOTO, services


def outcome(aws: AWS, operation: str, parameters: dict[str, Any]) -> str:
    """How a call ended: fine, or with a code."""
    try:
        aws.call("dynamodb", operation, {"TableName": "TasksTable", **parameters})
    except ServiceError as error:
        return error.code
    return "fine"


def stored(aws: AWS, key: dict[str, Any]) -> dict[str, Any] | None:
    parameters = {"TableName": "TasksTable", "Key": key, "ConsistentRead": True}
    item = aws.call("dynamodb", "GetItem", parameters).get("Item")
    return canonical_item(item) if item else None


def new_key() -> dict[str, Any]:
    return {"PK": {"S": f"K#{next(NUMBERS)}"}, "SK": {"S": "A"}}


@given(item=items, condition=conditions())
@EXAMPLES
def test_a_condition_holds_here_when_it_holds_in_moto(
    ports: Pair, item: dict[str, Any], condition: dict[str, Any]
) -> None:
    full = {**new_key(), **item}

    outcomes = []
    for aws in ports:
        outcome(aws, "PutItem", {"Item": full})
        outcomes.append(outcome(aws, "PutItem", {"Item": full, **condition}))

    assert outcomes[0] == outcomes[1]


@given(item=items, update=updates())
@EXAMPLES
def test_an_update_makes_the_same_item_here_and_in_moto(
    ports: Pair, item: dict[str, Any], update: dict[str, Any]
) -> None:
    key = new_key()

    results = []
    for aws in ports:
        outcome(aws, "PutItem", {"Item": {**key, **item}})
        ended = outcome(aws, "UpdateItem", {"Key": key, **update})
        results.append((ended, stored(aws, key) if ended == "fine" else None))

    assert results[0] == results[1]
