"""Functions: each has its door, its settings, its layer, its log, its limits."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.template import rules

COMMON = {
    "WINDROW_TABLE",
    "WINDROW_PRIORITY_MODE",
    "WINDROW_READY_SHARDS",
    "POWERTOOLS_SERVICE_NAME",
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_LOG_LEVEL",
}
POOLS = ("default", "long", "email", "reports", "analytics", "cleanup", "articles")
SENDING = {f"WINDROW_QUEUE_{pool.upper()}" for pool in POOLS}
KEEPING = {"WINDROW_RETENTION_DAYS"}
RINGING = {"WINDROW_SCHEDULE_GROUP", "WINDROW_SCHEDULE_ROLE", "WINDROW_SCHEDULE_TARGET"}
SERVING = SENDING | KEEPING | {"WINDROW_BUCKET", "APPLICATION_TABLE"}
REFRESHING = {"COUNTRIES_UPSTREAM", "COUNTRIES_API_KEY_ARN"}
DELIVERING = {"WINDROW_SIGNING_KEY", "WINDROW_EGRESS"}
READING = {"WINDROW_EGRESS", "ARTICLES_MODEL_ID", "ARTICLES_TRANSLATE"}
REGISTERING = {"WINDROW_SIGNING_KEY", "WINDROW_RECEIVERS"}
TELLING = {"WINDROW_QUEUE_DEFAULT", "WINDROW_SIGNING_KEY", "WINDROW_EVENT_BUS"}
MAILING = {"MAIL_FROM", "MAIL_TRANSPORT", "NOTIFY_EMAIL", "NOTIFY_TOPIC_ARN"}
COUNTING = {"WINDROW_REQUESTS_PER_MINUTE", "WINDROW_SCHEDULES_PER_TENANT"}

# Folder, seconds, megabytes, whether the applications are needed, settings beside the common ones.
EXPECTED = {
    "ApiFunction": ("api", 28, 512, True, SERVING | RINGING | REGISTERING | COUNTING),
    "StatusFunction": ("status", 27, 256, True, set()),
    "WorkerFunction": ("worker", 60, 512, True, SERVING | REFRESHING | DELIVERING),
    "LongWorkerFunction": ("worker", 900, 512, True, SERVING | REFRESHING),
    "EmailWorkerFunction": ("mail", 60, 512, True, SERVING | MAILING),
    "ReportsWorkerFunction": ("reports", 300, 1024, True, SERVING),
    "AnalyticsWorkerFunction": ("worker", 900, 1024, True, SERVING),
    "CleanupWorkerFunction": ("worker", 300, 512, True, SERVING),
    "ArticlesWorkerFunction": ("articles", 120, 1024, True, SERVING | READING),
    "SchedulerFunction": (
        "scheduler",
        30,
        256,
        True,
        SENDING | KEEPING | RINGING | {"WINDROW_BUCKET"},
    ),
    "SweeperFunction": ("sweeper", 55, 256, False, SENDING | KEEPING),
    "DeadLettersFunction": ("dead_letters", 30, 256, False, set()),
    "StreamFunction": ("stream", 60, 256, False, TELLING),
    "EgressFunction": ("egress", 25, 256, False, {"WINDROW_RECEIVERS"}),
}
# Other addresses and planted faults, for tests and for regional endpoints: no deployment sets them.
UNSET = {"COUNTRIES_API_URL", "COUNTRIES_FAULT", "RATES_API_URL"}
UNTRACED = {"EgressFunction", "StreamFunction", "SweeperFunction"}
DOORS = sorted({folder for folder, *_ in EXPECTED.values()})
# Workers all: what differs is what they carry.
LIKE_WORKER = {"articles", "mail", "reports"}


def test_the_functions_are_those_of_the_house(template: dict[str, Any]) -> None:
    assert set(rules.functions(template)) == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_function_has_its_door_its_limits_its_layers_and_its_settings(
    template: dict[str, Any], name: str
) -> None:
    folder, timeout, memory, runs_applications, settings = EXPECTED[name]
    properties = rules.functions(template)[name]

    assert properties["CodeUri"] == f"functions/{folder}"
    assert properties["Handler"] == "app.handler"
    assert properties["Timeout"] == timeout
    assert properties["MemorySize"] == memory
    assert [rules.target(layer) for layer in properties["Layers"]] == (
        ["WindrowLayer", "TasksLayer"] if runs_applications else ["WindrowLayer"]
    )
    assert set(properties["Environment"]) == COMMON | settings


def test_functions_run_python_3_13_on_arm64(transformed: dict[str, Any]) -> None:
    for function in rules.of_type(transformed, "AWS::Lambda::Function").values():
        assert function["Properties"]["Runtime"] == "python3.13"
        assert function["Properties"]["Architectures"] == ["arm64"]
        assert function["Properties"]["LoggingConfig"]["LogFormat"] == "JSON"


def test_requests_are_traced_but_not_ticks_of_the_sweeper_nor_what_has_no_right_to(
    transformed: dict[str, Any],
) -> None:
    modes = {
        name: function["Properties"]["TracingConfig"]["Mode"]
        for name, function in rules.of_type(transformed, "AWS::Lambda::Function").items()
    }

    assert modes == dict.fromkeys(EXPECTED, "Active") | dict.fromkeys(UNTRACED, "PassThrough")


def test_every_function_has_a_log_group_that_forgets(template: dict[str, Any]) -> None:
    assert rules.logs(template) == []


def test_metrics_of_two_stacks_are_told_apart(template: dict[str, Any]) -> None:
    shared = template["Globals"]["Function"]["Environment"]["Variables"]

    assert shared["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}
    assert shared["POWERTOOLS_METRICS_NAMESPACE"] == "Windrow"


@pytest.mark.parametrize("door", DOORS)
def test_a_door_is_an_import_and_a_call(root: Path, door: str) -> None:
    tree = ast.parse((root / "functions" / door / "app.py").read_text())
    docstring, *imports, call = tree.body

    assert isinstance(docstring, ast.Expr)
    assert imports
    assert all(isinstance(line, ast.ImportFrom) for line in imports)
    assert isinstance(call, ast.Assign)
    assert [ast.unparse(name) for name in call.targets] == ["handler"]
    assert isinstance(call.value, ast.Call)
    assert ast.unparse(call.value.func) == "build"
    module = "worker" if door in LIKE_WORKER else door
    assert f"from windrow.lambdas.{module} import build" in map(ast.unparse, imports)


def test_there_is_no_door_without_a_function(root: Path) -> None:
    found = sorted(path.parent.name for path in (root / "functions").glob("*/app.py"))

    assert found == DOORS


def test_a_layer_is_built_from_what_goes_into_its_python_folder(template: dict[str, Any]) -> None:
    layers = rules.of_type(template, "AWS::Serverless::LayerVersion")

    assert {name: layer["Properties"]["ContentUri"] for name, layer in layers.items()} == {
        "WindrowLayer": "layers/windrow/python",
        "TasksLayer": "layers/tasks/python",
    }
    for layer in layers.values():
        assert layer["Metadata"] == {"BuildMethod": "python3.13", "BuildArchitecture": "arm64"}


def test_layers_of_two_stacks_do_not_meet(template: dict[str, Any]) -> None:
    layers = rules.of_type(template, "AWS::Serverless::LayerVersion")

    assert {name: layer["Properties"]["LayerName"] for name, layer in layers.items()} == {
        "WindrowLayer": {"Fn::Sub": "${AWS::StackName}-windrow"},
        "TasksLayer": {"Fn::Sub": "${AWS::StackName}-tasks"},
    }


def test_the_rules_find_a_function_whose_lines_are_kept_for_ever(template: dict[str, Any]) -> None:
    del template["Resources"]["ApiFunction"]["Properties"]["LoggingConfig"]
    del template["Resources"]["WorkerLogs"]["Properties"]["RetentionInDays"]

    assert rules.logs(template) == [
        "ApiFunction has no log group in this template.",
        "WorkerLogs keeps its lines for ever.",
    ]


@cache
def settings_named_in(path: Path) -> frozenset[str]:
    """The names of environment variables that a module spells out."""
    name = re.compile(r"(WINDROW|APPLICATION|ARTICLES|COUNTRIES|MAIL|NOTIFY|RATES)(_[A-Z]+)+")
    return frozenset(
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and name.fullmatch(node.value)
    )
