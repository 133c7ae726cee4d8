"""A deployment that tells of its ends, a receiver on this machine, and the egress function between.

The function is the deployed one but for the network: names lead to this machine, and its
certificates come from an authority that it trusts.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from standardwebhooks import Webhook

from tests.clock import EPOCH
from tests.harness import Deployment, Recorded, deploy
from tests.receiver import Asked, Receiver, Told, receiving, trusting
from tests.unit.egress.world import World
from windrow import Context, Registry, RetryPolicy, task
from windrow.egress.client import ask
from windrow.egress.policy import Policy
from windrow.engine.endpoints import Registered, Wish, register
from windrow.engine.submit import submit
from windrow.lambdas import egress
from windrow.lambdas.api import Routers
from windrow.model.records import Task
from windrow.model.ref import DEFAULT_TENANT
from windrow.store.endpoints import Endpoints, Try

NAME = "hooks.example"
URL = f"https://{NAME}/windrow"
BUS = "events"
KEY = "k" * 64
KEY_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:signing-AbCdEf"
SETTINGS = {
    "WINDROW_SIGNING_KEY": KEY_ARN,
    "WINDROW_EGRESS": "egress",
    "WINDROW_EVENT_BUS": BUS,
    "POWERTOOLS_SERVICE_NAME": "windrow-test",
}
TAKEN = Told.plain(204)


@task("fine")
def fine(context: Context) -> dict[str, str]:
    return {"letter": "delivered"}


@task("hopeless", retry=RetryPolicy(attempts=1))
def hopeless(context: Context) -> None:
    raise ValueError("It never works.")


@task("wordy")
def wordy(context: Context) -> str:
    return "w" * 20_000


REGISTRY = Registry([fine, hopeless, wordy])


@dataclass
class Outpost:
    """A deployment whose receiver stands at https://hooks.example/."""

    deployment: Deployment
    receiver: Receiver
    world: World
    invoked: list[Mapping[str, Any]] = field(default_factory=list)

    def register(self, tenant: str = DEFAULT_TENANT, **wish: Any) -> Registered:
        """Register the receiver."""
        return register(self.deployment.engine, tenant, Wish(**{"url": URL, **wish}))

    def done(self, name: str = "fine", **options: Any) -> Task:
        """A task of this name that has ended, and whose end was told."""
        submission = submit(self.deployment.engine, name, **options)
        self.deployment.pump()
        self.deployment.count()
        return submission.task

    def settle(self, duration: timedelta = timedelta()) -> None:
        """Do all deliveries that are due within this time."""
        self.deployment.pump()
        if duration:
            self.deployment.run_for(duration, tick=timedelta(minutes=10))

    def tries(self, registered: Registered) -> list[Try]:
        """How the tries to deliver went, oldest first."""
        engine = self.deployment.engine
        endpoint = registered.endpoint
        found = Endpoints(engine.aws, engine.records.table).tries(
            endpoint.tenant, endpoint.id, limit=100
        )
        return list(found)[::-1]

    @property
    def published(self) -> list[Mapping[str, Any]]:
        """What lies on the bus."""
        return self.deployment.services.events.buses[BUS]


@contextmanager
def outpost(
    *answers: Told,
    settings: Mapping[str, str] | None = None,
    routers: Routers = lambda _engine: [],
) -> Iterator[Outpost]:
    """A deployment and a receiver that gives these answers in order, the last again and again."""
    with (
        receiving(*(answers or (TAKEN,)), names=[NAME]) as receiver,
        deploy(REGISTRY, settings=SETTINGS | dict(settings or {}), routers=routers) as deployment,
    ):
        # The package that verifies goes by the machine's clock.
        deployment.clock.advance(datetime.now(UTC) - EPOCH)
        world = World(port=receiver.port)
        made = Outpost(deployment, receiver, world)
        make = partial(ask, network=world, context=trusting())

        def invoke(event: Mapping[str, Any]) -> Any:
            made.invoked.append(event)
            return egress.request(dict(event), Policy(), Recorded(), make)

        deployment.services.secrets.secrets[KEY_ARN] = KEY
        deployment.services.events.buses[BUS] = []
        deployment.services.invoked.functions["egress"] = invoke
        yield made


def verified(secret: str, request: Asked) -> Any:
    """The event of a request, as a receiver reads it with the package of Standard Webhooks."""
    return Webhook(secret).verify(request.body, request.headers)
