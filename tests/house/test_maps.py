"""What docs/maps.md shows runs, and does what the page says of it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.harness import Deployment, deploy
from tests.house.test_papers import snippets
from windrow import Registry
from windrow.engine.submit import submit
from windrow.model.records import Progress, Task
from windrow.model.states import State

PAPER = "docs/maps.md"


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Everything that the page declares."""
    world: dict[str, Any] = {"__name__": "maps"}
    for snippet in snippets(PAPER):
        exec(compile(snippet, PAPER, "exec"), world)
    return world


def ended(deployment: Deployment, name: str) -> Task:
    task_id = submit(deployment.engine, name).task.ref.task
    deployment.pump()
    deployment.run_for(timedelta(minutes=10))
    return deployment.task(task_id)


def test_the_readings_are_planned_by_a_generator(page: dict[str, Any]) -> None:
    with deploy(Registry([page["plan_readings"]])) as deployment:
        assert ended(deployment, "readings.add").result == "230"


def test_the_orders_lie_in_the_bucket_and_a_wrong_one_fails_alone(
    page: dict[str, Any],
) -> None:
    with deploy(Registry([page["plan_orders"]])) as deployment:
        orders = b"".join(b'{"cents":%d}\n' % (number - 5) for number in range(4, 64))
        deployment.engine.bucket.put("items/default/orders.jsonl", orders, "application/jsonl")

        record = ended(deployment, "orders.check")

        assert record.state is State.SUCCEEDED
        assert record.progress == Progress(60, succeeded=59, failed=1)
