"""What operators type about schedules, and what they are told."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.harness import Deployment
from tests.rings import Rings
from tests.unit.cli.account import stack, typed
from windrow import Context, Registry, Schedule, task
from windrow.engine import schedules

HOURLY = Schedule(id="hourly", cron="0 * * * *")


@task("tidy", schedule=Schedule(cron="0 6 * * *"))
def tidy(context: Context) -> None: ...


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with stack(tmp_path, monkeypatch, Registry([tidy])) as made:
        yield made


@pytest.fixture
def app(tmp_path: Path) -> str:
    """The module that names these tasks."""
    folder = tmp_path / "layers" / "mine" / "python"
    folder.mkdir(parents=True)
    (folder / "mine_for_schedules.py").write_text(
        "from windrow import Registry\n"
        "from tests.unit.cli.test_schedules import tidy\n"
        "registry = Registry([tidy])\n"
    )
    return "mine_for_schedules"


def test_one_is_made_shown_and_listed(
    deployed: Deployment, app: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = typed(f"schedules create tidy --app {app} --id s --every 30m --overlap queue")
    Rings(deployed, ticks=False).pass_time(timedelta(hours=1))
    capsys.readouterr()

    assert (made, typed("schedules show s")) == (0, 0)
    shown = capsys.readouterr().out
    assert typed("schedules list") == 0
    listed = capsys.readouterr().out

    assert "s starts tidy every 0:30:00; it is active." in shown
    assert shown.count("next  ") == 5
    assert shown.count("started  ") == 3
    assert "tidy" in listed


def test_programs_are_told_the_same_as_over_http(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    schedules.create(deployed.engine, "tidy", HOURLY)

    assert typed("schedules show hourly --json") == 0

    said = json.loads(capsys.readouterr().out)
    assert (said["id"], said["cron"], said["last_runs"]) == ("hourly", "0 * * * *", [])
    assert len(said["next_runs"]) == 5


def test_a_pause_a_resume_and_an_end(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    schedules.create(deployed.engine, "tidy", HOURLY)

    for verb in ("pause", "resume", "delete"):
        assert typed(f"schedules {verb} hourly") == 0

    said = capsys.readouterr().out
    assert "It is paused.\nIt is active.\nIt is removed" in said
    assert typed("schedules show hourly") == 2
    assert "There is no schedule hourly." in capsys.readouterr().err


def test_its_task_is_started_now(
    deployed: Deployment, app: str, capsys: pytest.CaptureFixture[str]
) -> None:
    schedules.create(deployed.engine, "tidy", HOURLY)

    assert typed(f"schedules run hourly --app {app}") == 0

    deployed.pump()
    assert deployed.task(capsys.readouterr().out.strip()).state.is_over


def test_a_sync_makes_what_the_code_declares(
    deployed: Deployment, app: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(f"schedules sync --app {app}") == 0

    assert "Made: tidy." in capsys.readouterr().out
    assert [called for _, called in deployed.services.scheduler.schedules] == ["s.default.tidy"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("schedules create tidy --app APP --cron 61", "five fields"),
        (
            "schedules create tidy --app APP",
            "given alone: exactly one of cron, every and at says when",
        ),
        ("schedules create nothing --app APP --every 1h", "There is no task 'nothing'"),
        ("schedules show nothing", "There is no schedule nothing."),
    ],
)
def test_what_cannot_be_done_is_said(
    deployed: Deployment, app: str, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    assert typed(line.replace("APP", app)) == 2

    assert said in capsys.readouterr().err
