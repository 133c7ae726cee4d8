"""`windrow children` and `windrow show`: what a task is made of, at a terminal."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.composed import Done, registry
from tests.harness import Deployment
from tests.unit.cli.account import stack, typed
from windrow.engine.compose import submit_group
from windrow.engine.submit import submit
from windrow.model.draft import Draft


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with stack(tmp_path, monkeypatch, registry(Done(bad={1}))) as made:
        yield made


@pytest.fixture
def group(deployed: Deployment) -> str:
    drafts = [Draft("double", {"number": number}) for number in range(3)]
    ref = submit_group(deployed.engine, drafts).task.ref
    deployed.pump()
    return ref.task


def test_the_tasks_of_a_group_are_listed(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(f"children {group}") == 0

    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith("0  ")
    assert first.endswith("  double  succeeded")
    assert second.endswith("  double  failed  Bad: 1 is bad")
    assert third.startswith("2  ")


def test_a_part_of_them_is_listed_with_where_to_go_on(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(f"children {group} --from 1 --limit 1")

    line, more = capsys.readouterr().out.splitlines()
    assert line.startswith("1  ")
    assert f"windrow children {group} --from 2" in more


def test_programs_get_them_as_json(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    typed(f"children {group} --json")

    found = json.loads(capsys.readouterr().out)
    assert found["next"] is None
    assert [child["state"] for child in found["children"]] == ["succeeded", "failed", "succeeded"]
    assert found["children"][1]["error"] == {"kind": "Bad", "message": "1 is bad"}


def test_a_task_without_children_has_none(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    ref = submit(deployed.engine, "double", {"number": 5}).task.ref

    typed(f"children {ref.task}")

    assert "It has no children." in capsys.readouterr().out


def test_a_task_that_nobody_knows_is_an_error(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("children 01KF0K8Y2041PBSBDWPR6JAF1G") != 0


def test_a_group_is_shown_with_how_many_tasks_it_has(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(f"show {group}")

    told = " ".join(capsys.readouterr().out.split())
    assert "3 of 3 tasks" in told
    assert "windrow children" in told
    assert "windrow failures" not in told


def test_a_group_has_no_failed_items(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(f"failures {group}") != 0
