"""What an operator types, and what becomes of a refresh: the commands on the running stack."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.e2e.refreshes import REFRESH, Refreshes
from tests.e2e.waiting import eventually
from windrow.cli.main import main
from windrow.clock import SystemClock
from windrow.local.project import Project
from windrow.local.running import announced
from windrow.model.states import State
from windrow.store.control import FRESH


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


@pytest.fixture
def orders(in_the_folder_of_the_stack: None) -> Iterator[None]:
    """What a test orders is taken back, and every function knows it when the next test begins."""
    yield
    assert main(["resume"]) == 0
    SystemClock().sleep(FRESH)


def known(capsys: pytest.CaptureFixture[str]) -> bool:
    """Has the last order reached every function? A process may go by the one before for 5 s."""
    capsys.readouterr()
    main(["status", "--json"])
    return bool(json.loads(capsys.readouterr().out)["is_quiet"])


@pytest.mark.usefixtures("orders")
def test_a_refresh_waits_in_a_pause_and_is_done_after_it(
    refreshes: Refreshes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pause", "--wait"]) == 0

    refreshes.start()
    waiting = refreshes.newest()
    assert waiting.state is State.QUEUED
    assert known(capsys), "nothing runs, and nothing starts"
    assert main(["resume"]) == 0

    assert refreshes.end(within=timedelta(seconds=100))["status"] == "completed"
    assert refreshes.newest().ref == waiting.ref


@pytest.mark.usefixtures("orders")
def test_a_draining_api_says_when_to_come_again(refreshes: Refreshes) -> None:
    assert main(["drain", "--wait"]) == 0

    refused = eventually(
        lambda: refreshes.api.post(REFRESH), lambda answer: answer.status_code == 503
    )

    assert refused.headers["retry-after"] == "60"
    assert "draining" in refused.json()["error"]


def test_a_task_is_submitted_and_shown(
    refreshes: Refreshes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["submit", "countries.refresh"]) == 0
    (task_id, *_) = capsys.readouterr().out.split()
    refreshes.end()

    assert main(["show", task_id]) == 0
    assert "succeeded" in capsys.readouterr().out
