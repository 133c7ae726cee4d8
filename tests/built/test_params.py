"""A task whose params are a pydantic model is imported by every function that imports the tasks."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.built.deployment import Deployment
from tests.built.emulator import Start
from tests.built.functions import Function

# The functions that make the registry, one of each artifact: one takes tasks in, one by the clock,
# the others run them.
TASKS = [
    "ApiFunction",
    "ArticlesWorkerFunction",
    "EmailWorkerFunction",
    "ReportsWorkerFunction",
    "SchedulerFunction",
    "WorkerFunction",
]

A_TASK_WITH_A_MODEL = """
from pydantic import BaseModel
from windrow import Context, Registry, task

class Invoice(BaseModel):
    customer: str

@task("invoice.send", params=Invoice)
def send_invoice(context: Context, params: Invoice) -> None: ...

registry = Registry([send_invoice])
"""
A_TASK_WITHOUT = """
from windrow import Context, Registry, task

@task("rows.count")
def count(context: Context) -> None: ...

registry = Registry([count])
"""
NO_ROUTES = """
def routers(engine):
    return []
"""
NAME_TASKS = """
import sys
import app

def handler(event, context):
    return {
        "tasks": [name for name in event if name in app.registry],
        "has_pydantic": "pydantic" in sys.modules,
    }
"""


def probed(function: Function, folder: Path) -> Function:
    """The function's own artifact, with a handler beside it that says what it has imported."""
    folder.mkdir()
    for path in function.code.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "probe.py").write_text(NAME_TASKS)
    return replace(function, code=folder, handler="probe.handler")


def with_applications(function: Function, text: str, folder: Path) -> Function:
    """The function with one task in place of the applications, and a handler that says what it has
    imported.
    """
    package = folder / "layer" / "python" / "tasks"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(text)
    (package / "routes.py").write_text(NO_ROUTES)
    library = [layer for layer in function.layers if (layer / "python" / "windrow").exists()]
    layers = (*library, folder / "layer")
    return replace(probed(function, folder / "code"), layers=layers)


@pytest.mark.parametrize("name", TASKS)
def test_a_function_that_imports_the_tasks_carries_pydantic_for_their_params(
    deployment: Deployment,
    functions: Mapping[str, Function],
    start: Start,
    tmp_path: Path,
    name: str,
) -> None:
    function = with_applications(functions[name], A_TASK_WITH_A_MODEL, tmp_path)

    with start(function, deployment.world.variables(function)) as running:
        seen = running.invoke(["invoice.send"])

    assert seen == {"tasks": ["invoice.send"], "has_pydantic": True}


@pytest.mark.parametrize("name", [name for name in TASKS if name != "ApiFunction"])
def test_where_no_task_has_a_model_no_start_pays_for_pydantic(
    deployment: Deployment,
    functions: Mapping[str, Function],
    start: Start,
    tmp_path: Path,
    name: str,
) -> None:
    function = with_applications(functions[name], A_TASK_WITHOUT, tmp_path)

    with start(function, deployment.world.variables(function)) as running:
        seen = running.invoke(["rows.count"])

    assert seen == {"tasks": ["rows.count"], "has_pydantic": False}
