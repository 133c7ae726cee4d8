"""`windrow stats`: figures for an operator and for programs, and their rebuild."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Deployment
from tests.unit.cli.account import stack, typed
from tests.unit.engine.test_count import REGISTRY
from windrow.aws.dynamodb import encoded
from windrow.engine.submit import submit
from windrow.model.figures import Kind, Row
from windrow.store.rollups import rollup_key


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with stack(tmp_path, monkeypatch, REGISTRY) as made:
        for name in ("fine", "fine", "hopeless"):
            submit(made.engine, name)
        made.pump()
        made.count()
        yield made


def test_an_operator_reads_a_table(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("stats") == 0

    text = capsys.readouterr().out
    assert "hopeless" in text
    assert "In the last 1 h: 3 submitted, 3 started, 2 succeeded, 1 failed, 0 cancelled." in text
    assert "In all: 3 tasks, of which 66.67 % have succeeded." in text
    assert "Queued: 0. Counts are 0 ms old." in text
    assert "1 x hopeless failed: Hopeless: Letter # cannot be delivered." in text


def test_a_terminal_of_80_columns_shows_whole_figures(
    deployed: Deployment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    assert typed("stats") == 0

    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    first = next(line for line in text.splitlines() if line.startswith("│ fine"))
    assert first.split()[1:12:2] == ["fine", "0", "0", "2", "0", "0"]


def test_a_program_reads_them_by_name(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("stats --window 2d --json") == 0

    figures = json.loads(capsys.readouterr().out)
    assert figures["step_seconds"] == 3600
    assert {each["task"]: each["states"]["succeeded"] for each in figures["types"]} == {
        "fine": 2,
        "hopeless": 0,
    }


def test_a_rebuild_says_that_nothing_was_wrong(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("stats rebuild") == 0

    assert capsys.readouterr().out.startswith("3 tasks, ")
    assert typed("stats rebuild --json") == 0
    assert json.loads(capsys.readouterr().out)["drifts"] == []


def test_a_rebuild_shows_what_is_wrong_before_it_puts_it_right(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = encoded({**rollup_key(Row("default", Kind.NOW, "fine")), "succeeded": 5})
    put = {"TableName": deployed.engine.records.table, "Item": wrong}
    deployed.engine.aws.call("dynamodb", "PutItem", put)

    assert typed("stats rebuild --dry-run") == 3
    shown = capsys.readouterr().out
    assert typed("stats rebuild") == 0
    mended = capsys.readouterr().out
    assert typed("stats rebuild --dry-run") == 0

    assert "+3" in shown
    assert "drift in 1 figures." in shown
    assert "All of it was put right." in mended
