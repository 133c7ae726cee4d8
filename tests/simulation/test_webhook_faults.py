"""One fault at every call from an end to its receiver: it is told all the same, by one delivery."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.faults import Killed
from tests.harness import Deployment, deploy
from tests.webhooks import BUS, KEY, KEY_ARN, REGISTRY, SETTINGS, URL
from windrow.aws.errors import Unavailable
from windrow.engine.endpoints import Wish, read, register
from windrow.engine.submit import submit
from windrow.model.records import Task
from windrow.model.states import State
from windrow.model.system import WEBHOOK

EFFECTS = ("refused", "killed before", "killed after", "answer lost", "answer never came")
# Two fewer when the shard of the delivery's own record is not counted in the same round.
CALLS = 23
ANSWERS = {"taken": 204, "gone": 410, "refused": 404}


@dataclass
class Told:
    """A deployment with one endpoint, one task that has ended, and what its receiver got."""

    deployment: Deployment
    endpoint: str
    status: int
    received: list[dict[str, Any]] = field(default_factory=list)

    def receive(self, request: dict[str, Any]) -> dict[str, Any]:
        """What the egress function answers."""
        self.received.append(request)
        return {"status": self.status, "headers": {}, "body": "", "is_cut": False, "url": URL}

    def count(self) -> None:
        """The stream's batch, again until it is counted, as Lambda does."""
        for _ in range(3):
            with suppress(Killed, Unavailable):
                self.deployment.count()
                return

    def deliveries(self) -> list[Task]:
        rows = self.deployment.services.dynamodb.tables["TasksTable"].rows.values()
        named = [row.item for row in rows if row.item.get("name") == {"S": WEBHOOK}]
        return [self.deployment.task(item["PK"]["S"].split("#")[2]) for item in named]


@contextmanager
def told(status: int = 204) -> Iterator[Told]:
    with deploy(REGISTRY, settings=SETTINGS) as deployment:
        deployment.services.secrets.secrets[KEY_ARN] = KEY
        deployment.services.events.buses[BUS] = []
        endpoint = register(deployment.engine, "default", Wish(url=URL)).endpoint.id
        made = Told(deployment, endpoint, status)
        deployment.services.invoked.functions["egress"] = made.receive
        submit(deployment.engine, "fine")
        deployment.pump()
        yield made


def calls_of_a_life() -> int:
    """How many calls are made from the end to the receiver when nothing goes wrong."""
    with told() as world:
        before = len(world.deployment.port.calls)
        world.count()
        world.deployment.pump()
        return len(world.deployment.port.calls) - before


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("call", range(CALLS))
def test_an_end_is_told_although_one_call_fails(effect: str, call: int) -> None:
    with told() as world:
        world.deployment.port.plan(effect, "", skip=call)

        world.count()
        world.deployment.pump()
        world.deployment.hints.lose()
        world.deployment.run_for(timedelta(minutes=10))

        (delivery,) = world.deliveries()
        ids = {request["headers"]["webhook-id"] for request in world.received}
        published = world.deployment.services.events.buses[BUS]
        assert delivery.state is State.SUCCEEDED
        assert {json.loads(entry["Detail"])["id"] for entry in published} == ids
        assert len(ids) == 1
        assert len(world.received) <= 2, "at least once, and no oftener than there were faults"


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("call", range(CALLS))
@pytest.mark.parametrize("answer", ["gone", "refused"])
def test_a_receiver_that_wants_nothing_is_left_although_one_call_fails(
    effect: str, call: int, answer: str
) -> None:
    with told(ANSWERS[answer]) as world:
        world.deployment.port.plan(effect, "", skip=call)

        world.count()
        world.deployment.pump()
        world.deployment.hints.lose()
        world.deployment.run_for(timedelta(minutes=10))

        (delivery,) = world.deliveries()
        endpoint = read(world.deployment.engine, "default", world.endpoint)
        assert delivery.state.is_over
        assert (endpoint.disabled is not None) == (answer == "gone")
        assert len(world.received) <= 2


def test_every_call_of_the_life_is_covered() -> None:
    assert calls_of_a_life() <= CALLS
