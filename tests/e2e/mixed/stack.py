"""A local stack with the application of this folder in place of the real ones."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.e2e.mixed.tasks import registry
from windrow.aws.boto import Boto
from windrow.cli.target import engine
from windrow.engine.engine import Engine
from windrow.local.deploy import STACK
from windrow.local.project import Project
from windrow.local.stack import LocalStack

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class MixedStack:
    """The running stack, and an engine of the machine's own that submits to it and reads it."""

    local: LocalStack
    engine: Engine

    def effects(self, task_id: str) -> dict[str, int]:
        """How often each effect of a task was stored, by name."""
        answer = self.local.clients["dynamodb"].query(
            TableName=self.local.outputs["ApplicationTableName"],
            ConsistentRead=True,
            KeyConditionExpression="PK = :partition",
            ExpressionAttributeValues={":partition": {"S": f"EFFECT#{task_id}"}},
        )
        return {item["SK"]["S"]: int(item["count"]["N"]) for item in answer["Items"]}


@contextmanager
def mixed_stack() -> Iterator[MixedStack]:
    """template.yaml as it is, with these tasks; it ends with the block."""
    with TemporaryDirectory() as folder, LocalStack(_project(Path(folder))) as local:
        yield MixedStack(local, engine(Boto(client=local.clients.client), STACK, registry))


def _project(folder: Path) -> Project:
    """A copy of the project whose layer of tasks is the one of this folder."""
    for name in ("template.yaml", "functions", ".windrow"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "layers").mkdir()
    (folder / "layers" / "windrow").symlink_to(ROOT / "layers" / "windrow")
    shutil.copytree(
        Path(__file__).parent / "tasks",
        folder / "layers" / "tasks" / "python" / "tasks",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return Project.at(folder)
