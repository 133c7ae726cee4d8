"""An AWS account with one stack in it, for commands that are typed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.harness import ENVIRONMENT, Deployment, deploy
from windrow import Registry
from windrow.aws.errors import ServiceError
from windrow.aws.port import Answer, Parameters, SigningAWS
from windrow.cli import commands, target
from windrow.cli.main import main
from windrow.engine.engine import Engine
from windrow.local.project import Project


@dataclass
class Account:
    """An AWS account with one stack, whose tables and queues are simulated."""

    inner: SigningAWS
    settings: Mapping[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=lambda: {"ApiFunctionName": "prod-api"})

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        match operation, parameters:
            case "DescribeStacks", {"StackName": "prod"}:
                named = self.outputs.items()
                outputs = [{"OutputKey": name, "OutputValue": value} for name, value in named]
                return {"Stacks": [{"Outputs": outputs}]}
            case "DescribeStacks", {"StackName": name}:
                said = f"Stack with id {name} does not exist"
                raise ServiceError(service, operation, "ValidationError", said)
            case "GetFunctionConfiguration", {"FunctionName": "prod-api"}:
                return {"Environment": {"Variables": ENVIRONMENT | dict(self.settings)}}
        return self.inner.call(service, operation, parameters)

    def presigned(
        self, service: str, operation: str, parameters: Parameters, lifetime: timedelta
    ) -> str:
        return self.inner.presigned(service, operation, parameters, lifetime)


@contextmanager
def stack(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    registry: Registry,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Deployment]:
    """A deployment that `--stack prod` names, with a project in this folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    (folder / "template.yaml").write_text("Resources: {}")
    with deploy(registry, settings=settings) as made:
        account = Account(made.engine.aws, settings or {})

        def connect(project: Project, stack: str | None, registry: Registry) -> Engine:
            if stack is None:
                return target.connect(project, stack, registry)
            engine = target.engine(account, stack, registry)
            return _on_the_clock_of(made, engine)

        monkeypatch.setattr(commands, "connect", connect)
        yield made


def _on_the_clock_of(deployed: Deployment, engine: Engine) -> Engine:
    control = replace(engine.control, clock=deployed.clock)
    return replace(engine, clock=deployed.clock, control=control)


def typed(line: str) -> int:
    """What a command ends with."""
    return main([*line.split(), "--stack", "prod"])
