"""Which deployment a command speaks to: a stack in an AWS account, or the one of `make up`."""

import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

from windrow import wiring
from windrow.aws.boto import Boto
from windrow.aws.errors import ServiceError
from windrow.aws.port import SigningAWS
from windrow.engine.engine import Engine
from windrow.engine.registry import Registry
from windrow.errors import WindrowError
from windrow.local import deploy, running
from windrow.local.clients import Clients
from windrow.local.project import Project
from windrow.telemetry.metrics import Metric

# The function that accepts tasks is told all that a command needs: table, queues, bucket, times.
FUNCTION = "ApiFunctionName"


class NoStack(WindrowError):
    """There is no such stack, or it is not one of Windrow, or its settings may not be read."""

    def __init__(self, stack: str, reason: str) -> None:
        self.stack = stack
        super().__init__(f"Stack {stack!r} cannot be used: {reason}")


class Aside:
    """Telemetry for somebody at a terminal: warnings on standard error, and nothing else."""

    def event(self, verb: str, **ids: Any) -> None:
        """What was done is said by the command itself."""

    def warning(self, verb: str, *, error: BaseException | None = None, **ids: Any) -> None:
        details = [f"{name}={value}" for name, value in ids.items()]
        print(" ".join([f"warning: {verb}", *details, str(error or "")]), file=sys.stderr)

    def count(self, metric: Metric, amount: float = 1) -> None:
        """A person's commands are no part of a deployment's figures."""

    @property
    def logger(self) -> logging.Logger:
        return logging.getLogger("windrow")


def connect(project: Project, stack: str | None, registry: Registry) -> Engine:
    """An engine of a deployed stack, with the caller's own AWS credentials, or of the local one.

    Raises NothingRuns, NoStack.
    """
    if stack is None:
        clients = Clients(running.find(project).aws_endpoint)
        return engine(Boto(client=clients.client), deploy.STACK, registry)
    # boto3 knows the first only; Lambda and the other SDKs set the second.
    if region := os.environ.get("AWS_REGION"):
        os.environ.setdefault("AWS_DEFAULT_REGION", region)
    return engine(Boto(), stack, registry)


def engine(aws: SigningAWS, stack: str, registry: Registry) -> Engine:
    """An engine with the settings of a stack. Raises NoStack."""
    try:
        settings = _settings(aws, stack)
    except ServiceError as error:
        raise NoStack(stack, str(error)) from error
    return wiring.engine(registry, Aside(), aws=aws, environment=settings)


def _settings(aws: SigningAWS, stack: str) -> Mapping[str, str]:
    """The environment of the function that accepts tasks."""
    (described,) = aws.call("cloudformation", "DescribeStacks", {"StackName": stack})["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    if FUNCTION not in outputs:
        raise NoStack(
            stack, f"it has no output {FUNCTION}; is it one of Windrow, and deployed whole?"
        )
    name = {"FunctionName": outputs[FUNCTION]}
    configuration = aws.call("lambda", "GetFunctionConfiguration", name)
    found: Mapping[str, str] = configuration["Environment"]["Variables"]
    return found
