"""`windrow explain`: why a task is not running, for an operator and for programs."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.harness import Deployment
from tests.unit.cli.account import stack, typed
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.control import pause
from windrow.engine.submit import submit

HOUR = timedelta(hours=1)


@task("broken", retry=RetryPolicy(attempts=3, base=HOUR, cap=HOUR))
def broken(context: Context) -> None:
    raise OSError("no route to [host]")


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with stack(tmp_path, monkeypatch, Registry([broken])) as made:
        yield made


@pytest.fixture
def app(tmp_path: Path) -> str:
    """The module that names these tasks."""
    folder = tmp_path / "layers" / "mine" / "python"
    folder.mkdir(parents=True)
    (folder / "mine_for_explain.py").write_text(
        "from windrow import Registry\n"
        "from tests.unit.cli.test_explain import broken\n"
        "registry = Registry([broken])\n"
    )
    return "mine_for_explain"


def test_an_operator_reads_a_sentence_for_each_reason(
    deployed: Deployment, app: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ref = submit(deployed.engine, "broken").task.ref
    deployed.pump()
    pause(deployed.engine)

    assert typed(f"explain {ref.task} --app {app}") == 0

    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("It waits for try 2 of 3, at ")
    assert first.endswith("because the last attempt ended with OSError: no route to [host].")
    assert second.startswith("Pool 'default' is paused since ")


def test_a_program_reads_the_facts_by_name(
    deployed: Deployment, app: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ref = submit(deployed.engine, "broken", delay=HOUR).task.ref

    assert typed(f"explain {ref.task} --json --app {app}") == 0

    said = json.loads(capsys.readouterr().out)
    assert said["reason"] == "waits_for_time"
    assert said["facts"] == {"not_before": "2026-01-15T11:30:00.000Z"}


def test_an_unknown_task_is_said_to_be_none(
    deployed: Deployment, app: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(f"explain 01KF0Q5M00E4Q8V0J8Z1X2Y3W4 --app {app}") == 2

    assert "There is no task 01KF0Q5M00E4Q8V0J8Z1X2Y3W4." in capsys.readouterr().err
