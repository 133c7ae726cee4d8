"""docs/operating.md names every alarm, metric and log line, so that who sees one finds it there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.template import rules
from windrow.telemetry.metrics import Metric

VERB = re.compile(r"[a-z]+\.[a-z_]+(?= |$)")


@pytest.fixture(scope="session")
def named(root: Path) -> set[str]:
    """Everything that the manual writes as code."""
    return set(re.findall(r"`([^`\n]+)`", (root / "docs" / "operating.md").read_text()))


def test_every_alarm_is_in_the_manual(template: dict[str, Any], named: set[str]) -> None:
    alarms = rules.of_type(template, "AWS::CloudWatch::Alarm").values()
    names = [alarm["Properties"]["AlarmName"]["Fn::Sub"] for alarm in alarms]

    assert {name.removeprefix("${AWS::StackName}-") for name in names} <= named


def test_the_manual_says_how_long_a_stacks_name_may_be(
    template: dict[str, Any], root: Path
) -> None:
    functions = rules.functions(template).values()
    schedules = (schedule for _, schedule in rules.triggers(template, "ScheduleV2"))
    # Lambda and EventBridge Scheduler take 64 characters; SQS takes 80, and alarms 255.
    names = [each["FunctionName"] for each in functions] + [each["Name"] for each in schedules]
    room = 64 - max(len(name["Fn::Sub"].removeprefix("${AWS::StackName}")) for name in names)

    assert f"{room} characters at most" in (root / "docs" / "operating.md").read_text()


def test_every_metric_is_in_the_manual(named: set[str]) -> None:
    assert {str(metric) for metric in Metric} <= named


def test_every_parameter_is_in_the_manual(template: dict[str, Any], named: set[str]) -> None:
    assert set(template["Parameters"]) <= named


def test_every_verb_of_the_log_is_in_the_manual(root: Path, named: set[str]) -> None:
    sources = (root / "layers").rglob("*.py")
    written = {verb for path in sources for verb in verbs(ast.parse(path.read_text("utf-8")))}

    assert "task.submitted" in written
    assert written <= named


def test_verbs_are_found_wherever_a_line_is_written() -> None:
    tree = ast.parse(
        'telemetry.event("task.met" if met else "task.made", task="is.no_verb")\n'
        'log.warning("rates.api_ends api=%s", api)\n'
        'log.info("Listening on 127.0.0.1")\n'
    )

    assert set(verbs(tree)) == {"task.met", "task.made", "rates.api_ends"}


def verbs(tree: ast.Module) -> Iterator[str]:
    """What begins each line that a module writes to its log."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="event" | "info" | "warning"), args=[line, *_]):
                words = [word.value for word in ast.walk(line) if isinstance(word, ast.Constant)]
                found = [VERB.match(word) for word in words if isinstance(word, str)]
                yield from (verb[0] for verb in found if verb)
