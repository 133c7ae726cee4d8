"""API Lambda: HTTP requests in, accepted tasks and their records out."""

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import APIRouter
from mangum import Mangum

from windrow import wiring
from windrow.api.app import create_app
from windrow.aws.boto import QUICK, Boto
from windrow.engine.engine import Engine
from windrow.engine.registry import Registry
from windrow.lambdas.correlated import correlated
from windrow.lambdas.invocation import Event, Handler, LambdaContext
from windrow.lambdas.observed import observed
from windrow.telemetry.powertools import Powertools

type Routers = Callable[[Engine], Iterable[APIRouter]]


def build(registry: Registry, routers: Routers) -> Handler:
    """The handler of the deployed API; `routers` makes the applications' routes for an engine."""
    telemetry = Powertools()
    engine = wiring.engine(registry, telemetry, aws=Boto(QUICK))
    return observed(telemetry, serve(engine, routers))


def serve(engine: Engine, routers: Routers) -> Handler:
    """A handler that answers requests with this engine."""
    # A Lambda has no life between requests: start-up and shutdown events would run at each of them.
    adapter = Mangum(create_app(engine, routers(engine)), lifespan="off")

    def answer(event: Event, context: LambdaContext) -> dict[str, Any]:
        answered: dict[str, Any] = adapter(event, context)  # type: ignore[arg-type]
        # The local stack answers 50 ms sooner when an invocation writes a line.
        engine.telemetry.event(
            "request.answered",
            method=event["requestContext"]["http"]["method"],
            path=event["rawPath"],
            status=answered["statusCode"],
        )
        return answered

    return correlated(answer, engine.random.getrandbits)
