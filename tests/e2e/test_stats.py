"""Figures on the running stack: a refresh is counted through its stream, and nothing drifts."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.refreshes import Refreshes
from tests.e2e.waiting import eventually
from windrow.cli.main import main
from windrow.local.project import Project
from windrow.local.running import announced


@pytest.fixture(autouse=True)
def in_the_folder_of_the_stack(
    refreshes: Refreshes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A folder in which `make up` keeps this stack."""
    (tmp_path / "template.yaml").write_text("Resources: {}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with announced(Project.at(tmp_path), refreshes.stack.url, refreshes.stack.aws_endpoint):
        yield


def succeeded(refreshes: Refreshes) -> int:
    """How many refreshes are counted as succeeded now."""
    figures: dict[str, Any] = refreshes.api.get("/v1/stats").raise_for_status().json()
    counts = {each["task"]: each["states"]["succeeded"] for each in figures["types"]}
    return int(counts.get("countries.refresh", 0))


def test_a_refresh_is_counted_once_and_nothing_drifts(
    refreshes: Refreshes, capsys: pytest.CaptureFixture[str]
) -> None:
    before = succeeded(refreshes)

    refreshes.complete()

    eventually(lambda: succeeded(refreshes) == before + 1, within=timedelta(seconds=20))
    capsys.readouterr()
    assert main(["stats", "rebuild", "--json"]) == 0
    rebuilt = json.loads(capsys.readouterr().out)
    assert rebuilt["drifts"] == []
    assert rebuilt["tasks"] >= 1
