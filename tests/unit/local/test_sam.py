"""`make sam-local`: every function has its event, and no engine is said plainly."""

from pathlib import Path

import pytest

from windrow.cli import sam_local
from windrow.local import sam
from windrow.local.errors import SamLocalFailed
from windrow.local.project import Project
from windrow.local.template import read

ROOT = Path(__file__).parents[3]


def test_every_function_of_the_template_has_an_event() -> None:
    project = Project.at(ROOT)
    calls = sam.functions(read(project.template))

    events = {logical_id: sam.event_of(project, name).name for logical_id, name in calls.items()}

    assert events == {
        "ApiFunction": "api_refresh.json",
        "StatusFunction": "status_refresh.json",
        "WorkerFunction": "worker_task.json",
        "LongWorkerFunction": "worker_task.json",
        "SchedulerFunction": "scheduler_daily.json",
        "SweeperFunction": "sweeper_tick.json",
        "DeadLettersFunction": "dead_letters_batch.json",
    }


def test_a_function_without_an_event_is_said(project: Project) -> None:
    with pytest.raises(SamLocalFailed, match=r"no events/api_\*\.json"):
        sam.event_of(project, "api")


def test_without_an_engine_it_says_that_it_was_not_run(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(project.root))

    assert sam_local.run(project) == 0
    assert "not run, as no Docker engine answers" in capsys.readouterr().out
