"""A stack whose functions cannot start is not up: what they lack is said before anybody waits."""

import sys
from pathlib import Path
from typing import Any, cast

import pytest

from windrow.local import doors, package
from windrow.local.clients import Clients
from windrow.local.doors import Door
from windrow.local.errors import CannotStart
from windrow.local.project import Project

ROOT = Path(__file__).parents[3]
WINDROW = ROOT / "layers/windrow/python"
QUEUES = {
    "WINDROW_TABLE": "TasksTable",
    "WINDROW_QUEUE_DEFAULT": "https://sqs/default",
    "WINDROW_QUEUE_LONG": "https://sqs/long",
}
TASK = """
from windrow import Registry, task
def nothing(context): ...
registry = Registry([task("video.cut", pool="{pool}")(nothing)])
handler = print
"""


def said(folder: Path, code: str, *path: Path, **environment: str) -> list[str]:
    """What is wrong with a function of this code."""
    (folder / "app.py").write_text(code)
    return doors.wrong(
        Path(sys.executable), Door(folder, "app.handler", (folder, *path), environment)
    )


def test_a_function_that_can_be_imported_is_right(tmp_path: Path) -> None:
    assert said(tmp_path, "handler = print") == []


def test_what_is_not_among_its_packages_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text("\nimport no_such_package\n")

    (wrong,) = said(tmp_path, "import tasks")

    tasks = tmp_path / "tasks.py"
    assert wrong == f"ModuleNotFoundError: No module named 'no_such_package' ({tasks}, line 2)"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import os; os.environ['NOT_TOLD']", "KeyError: 'NOT_TOLD'"),
        ("print('[]'); import os; os._exit(3)", "it ended with 3"),
    ],
)
def test_whatever_else_keeps_it_from_starting_is_said(
    tmp_path: Path, code: str, error: str
) -> None:
    (wrong,) = said(tmp_path, code)

    assert wrong.startswith(error)


def test_a_function_without_its_handler_is_found(tmp_path: Path) -> None:
    (wrong,) = said(tmp_path, "")

    assert "has no attribute 'handler'" in wrong


def test_it_is_told_its_own_environment_and_none_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OURS", "1")
    code = "import os; assert 'OURS' not in os.environ; handler = os.environ['TOLD']"

    assert said(tmp_path, code, TOLD="1") == []


def test_our_own_modules_hide_none_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "errors.py").write_text("mine = True")

    assert said(tmp_path, "import errors; handler = errors.mine") == []


def test_a_task_of_a_pool_without_a_queue_is_found(tmp_path: Path) -> None:
    (wrong,) = said(tmp_path, TASK.format(pool="gpu"), WINDROW, **QUEUES)

    assert wrong.startswith(
        "task 'video.cut' is for pool 'gpu', and there are queues for ['default', 'long'] only"
    )


def test_a_task_of_a_pool_with_a_queue_is_right(tmp_path: Path) -> None:
    assert said(tmp_path, TASK.format(pool="long"), WINDROW, **QUEUES) == []


class Lambda:
    """Answers what a deployed function was made of."""

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        return {
            "Handler": "app.handler",
            "Environment": {"Variables": {"NAME": FunctionName}},
            "Layers": [{"Arn": "arn:layer"}],
        }


def test_every_function_that_cannot_start_is_named_by_its_folder(project: Project) -> None:
    template = {
        "Resources": {
            "Api": {
                "Type": "AWS::Serverless::Function",
                "Properties": {"CodeUri": "functions/api"},
            },
            "Worker": {
                "Type": "AWS::Serverless::Function",
                "Properties": {"CodeUri": "functions/worker"},
            },
            "Layer": {
                "Type": "AWS::Serverless::LayerVersion",
                "Metadata": {"BuildMethod": "python3.13"},
                "Properties": {"ContentUri": "layers/own/python"},
            },
        }
    }
    (project.root / "functions/api/app.py").write_text("import own, package; handler = 1")
    (project.root / "functions/worker/app.py").write_text("import own, numbers_of_mine")
    sources = package.sources(template, project.root)
    package.build(project, sources)
    clients = cast(Clients, {"lambda": Lambda()})
    names = {"Api": "windrow-api", "Worker": "windrow-worker", "Layer0123456789": "arn:layer"}

    with pytest.raises(CannotStart) as raised:
        doors.check(project, sources, clients, names)

    (reason,) = raised.value.reasons
    assert reason.startswith("functions/worker: ModuleNotFoundError: No module named 'numbers_of")
    assert "The stack is not up" in str(raised.value)
