"""Another function of the same deployment, which reads the orders for itself."""

from tests.harness import ENVIRONMENT, Deployment
from windrow import wiring
from windrow.engine.engine import Engine


def deploy_beside(deployed: Deployment) -> Engine:
    """Another process of the same deployment: its own engine, with its own memory."""
    return wiring.engine(
        deployed.engine.registry,
        deployed.telemetry,
        aws=deployed.engine.aws,
        clock=deployed.clock,
        environment=ENVIRONMENT,
    )
