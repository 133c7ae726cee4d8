"""A function finds its artifact, its layers and the SDK; what it misses shows when it starts."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.built.deployment import STATUS, Deployment
from tests.built.emulator import InvocationFailed, Start
from tests.built.functions import Function
from tests.harness import http_event

# Imported by a poll of the status function, these would be most of its start.
HEAVY = {"aws_lambda_powertools", "fastapi", "mangum", "PIL", "pydantic", "starlette"}
OURS = ["awslambdaric", "boto3", "botocore"]
DEVELOPERS = [
    "fastapi",
    "httpx",
    "ministack",
    "moto",
    "pip",
    "pytest",
    "samcli",
    "tests",
    "windrow",
]

LOOK_AROUND = """
import importlib.util, os, sys

def handler(event, context):
    return {
        "found": [name for name in event if importlib.util.find_spec(name)],
        "environment": sorted(os.environ),
        "version": list(sys.version_info[:2]),
    }
"""
NAME_MODULES = """
import sys
import app

def handler(event, context):
    return {"answer": app.handler(event, context), "modules": sorted(sys.modules)}
"""


@pytest.mark.parametrize(
    ("function", "package"),
    [
        ("ApiFunction", "aws_lambda_powertools"),
        ("ApiFunction", "fastapi"),
        ("ApiFunction", "mangum"),
        ("ApiFunction", "pydantic_core"),
        ("DeadLettersFunction", "aws_lambda_powertools"),
        ("LongWorkerFunction", "aws_lambda_powertools"),
        ("SchedulerFunction", "aws_lambda_powertools"),
        ("StreamFunction", "aws_lambda_powertools"),
        ("SweeperFunction", "aws_lambda_powertools"),
        ("WorkerFunction", "aws_lambda_powertools"),
    ],
)
def test_a_function_whose_artifact_misses_a_package_does_not_start(
    deployment: Deployment,
    functions: Mapping[str, Function],
    start: Start,
    function: str,
    package: str,
) -> None:
    whole = functions[function]

    with (
        start(whole, deployment.world.variables(whole), without=package) as broken,
        pytest.raises(InvocationFailed, match=package) as failure,
    ):
        broken.invoke({})

    assert failure.value.kind == "Runtime.ImportModuleError"


def test_a_function_without_its_layers_does_not_start(
    functions: Mapping[str, Function], start: Start
) -> None:
    bare = replace(functions["StatusFunction"], layers=())

    with start(bare) as broken, pytest.raises(InvocationFailed, match="No module named 'tasks'"):
        broken.invoke({})


def test_a_function_that_is_told_of_no_table_does_not_start(
    functions: Mapping[str, Function], start: Start
) -> None:
    with (
        start(functions["StatusFunction"]) as broken,
        pytest.raises(InvocationFailed, match="WINDROW_TABLE is not set") as failure,
    ):
        broken.invoke({})

    assert failure.value.kind == "ConfigurationError"


def test_a_function_finds_the_sdk_and_nothing_of_the_developers(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET_OF_THE_DEVELOPER", "hay")
    (tmp_path / "app.py").write_text(LOOK_AROUND)

    with start(Function(name="LookAround", code=tmp_path)) as function:
        seen = function.invoke(OURS + DEVELOPERS)

    assert seen["found"] == OURS
    assert "A_SECRET_OF_THE_DEVELOPER" not in seen["environment"]
    assert "VIRTUAL_ENV" not in seen["environment"]


def test_polling_imports_no_framework(
    deployment: Deployment, functions: Mapping[str, Function], start: Start, tmp_path: Path
) -> None:
    status = functions["StatusFunction"]
    (tmp_path / "app.py").write_bytes((status.code / "app.py").read_bytes())
    (tmp_path / "probe.py").write_text(NAME_MODULES)
    probed = replace(status, code=tmp_path, handler="probe.handler")

    with start(probed, deployment.world.variables(status)) as function:
        seen = function.invoke(http_event("GET", STATUS, None, {}))

    assert json.loads(seen["answer"]["body"])["status"] == "idle"
    assert "windrow.lambdas.status" in seen["modules"]
    assert not HEAVY & {module.partition(".")[0] for module in seen["modules"]}
