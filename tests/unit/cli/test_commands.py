"""What operators type, and what they are told."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.harness import Deployment
from tests.unit.cli.account import Account, stack, typed
from windrow import Context, Registry, task
from windrow.cli import target
from windrow.cli.main import main
from windrow.engine.bury import bury
from windrow.engine.submit import submit
from windrow.local.project import Project
from windrow.local.running import announced, find
from windrow.model.states import State


@task("greet")
def greet(context: Context) -> str:
    return "hello"


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with stack(tmp_path, monkeypatch, Registry([greet])) as made:
        yield made


def test_status_shows_each_pool(deployed: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    submit(deployed.engine, "greet")

    assert typed("status") == 0

    said = capsys.readouterr().out
    assert "default" in said
    assert "New tasks are accepted; 1 accepted task is not over." in said


def test_status_for_programs_has_the_seeds_three_fields(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("drain")
    capsys.readouterr()

    assert typed("status --json") == 0

    said = json.loads(capsys.readouterr().out)
    assert said["accepting_new_tasks"] is False
    assert said["active_tasks"] == 0
    assert said["shutdown_initiated"] is True
    assert [(pool["pool"], pool["mode"]) for pool in said["pools"]] == [
        ("default", "drain"),
        ("long", "drain"),
    ]


def test_a_pool_is_paused_and_resumed(deployed: Deployment) -> None:
    assert typed("pause default") == 0
    submit(deployed.engine, "greet")
    deployed.pump()
    assert len(deployed.hints.messages) == 1

    assert typed("resume default") == 0
    deployed.run_for(timedelta(minutes=2))
    assert deployed.hints.messages == []


def test_a_resume_that_is_not_enough_says_so(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("pause")

    assert typed("resume long") == 0

    assert "still obeys the order for all pools" in capsys.readouterr().out


def test_a_drain_waits_until_nothing_is_left(deployed: Deployment) -> None:
    assert typed("drain --wait") == 0

    assert typed("status") == 0


def test_a_drain_says_when_only_delays_hold_it_up(
    deployed: Deployment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(deployed.engine, "greet", delay=timedelta(hours=1))
    looks = iter(range(3))
    wait = deployed.clock.sleep

    def sleep(span: timedelta) -> None:
        wait(span)
        if next(looks, None) is None:
            raise KeyboardInterrupt

    monkeypatch.setattr(deployed.clock, "sleep", sleep)

    assert typed("drain --wait") == 130

    assert capsys.readouterr().out.count("Waiting for 1 delayed, and for nothing else") == 1


def test_a_halted_pool_is_shown_whole_on_a_narrow_terminal(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    submit(deployed.engine, "greet")
    typed("drain")
    typed("pause")
    deployed.clock.sleep(timedelta(hours=9, minutes=8, seconds=7))
    capsys.readouterr()

    typed("status")

    said = capsys.readouterr().out
    assert "9:08:07" in said
    assert "…" not in said


def test_dead_hints_are_redriven(deployed: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    ref = submit(deployed.engine, "greet").task.ref
    deployed.hints.lose()
    bury(deployed.engine, ref)

    assert typed("redrive default") == 0

    assert "1 hints sent to pool default." in capsys.readouterr().out
    assert len(deployed.hints.messages) == 1


def test_a_redrive_that_could_not_send_is_no_success(deployed: Deployment) -> None:
    bury(deployed.engine, submit(deployed.engine, "greet").task.ref)
    deployed.hints.is_down = True

    assert typed("redrive default") == 1


def test_a_task_is_submitted_shown_cancelled_and_begun_again(
    deployed: Deployment, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    app = tmp_path / "layers" / "mine" / "python"
    app.mkdir(parents=True)
    (app / "mine_for_commands.py").write_text(
        "from windrow import Registry\n"
        "from tests.unit.cli.test_commands import greet\n"
        "registry = Registry([greet])\n"
    )

    assert (
        typed("submit greet --app mine_for_commands --delay 1.5h --priority 9 --max-retries 0") == 0
    )
    (task_id, *_) = capsys.readouterr().out.split()
    submitted = deployed.task(task_id)
    assert submitted.not_before - submitted.created == timedelta(hours=1.5)
    assert (submitted.priority, submitted.max_retries) == (9, 0)
    assert typed(f"show {task_id}") == 0
    assert "queued" in capsys.readouterr().out
    assert typed(f"reprioritize {task_id} 10") == 0
    assert deployed.task(task_id).priority == 10
    assert typed(f"cancel {task_id}") == 0

    assert deployed.task(task_id).state is State.CANCELLED

    assert typed(f"retry {task_id} --app mine_for_commands") == 0
    assert deployed.task(task_id).state is State.QUEUED


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("show 01JD8Z6N5K3Q4R7T9V2X0Y1W8E", "no task"),
        (
            "pause defalt",
            "There is no pool 'defalt': say one of default, long (did you mean default?).",
        ),
        ("redrive defalt", "There is no pool 'defalt'"),
        ("submit greet --app nowhere_at_all", "There is no module 'nowhere_at_all'"),
        ("submit greet --app json", "Module 'json' has no `registry`"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_2(
    deployed: Deployment, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    assert typed(line) == 2

    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_a_stack_that_is_not_there_is_named(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--stack", "prood"]) == 2

    assert "Stack 'prood' cannot be used" in capsys.readouterr().err


def test_a_stack_of_something_else_is_not_taken_for_one(deployed: Deployment) -> None:
    account = Account(deployed.engine.aws, outputs={"Url": "https://example.com"})

    with pytest.raises(target.NoStack, match="is it one of Windrow"):
        target.engine(account, "prod", Registry([]))


def test_without_a_local_stack_somebody_is_told_how_to_start_one(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status"]) == 2

    assert "start one with `make up`" in capsys.readouterr().err


def test_the_local_stack_is_found_while_it_runs(deployed: Deployment, tmp_path: Path) -> None:
    project = Project.at(tmp_path)

    with announced(project, "http://127.0.0.1:3000", "http://127.0.0.1:4566"):
        assert find(project).aws_endpoint == "http://127.0.0.1:4566"

    assert not (project.home / "stack.json").exists()


@pytest.mark.parametrize(
    "line",
    ["show no/id", "submit greet --params [1]", "submit greet --delay 5", "submit", "redrive"],
)
def test_what_is_typed_wrong_is_refused(deployed: Deployment, line: str) -> None:
    with pytest.raises(SystemExit) as exit_:
        typed(line)

    assert exit_.value.code == 2


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-north-1"}, "eu-north-1"),
    ],
)
def test_a_region_may_be_given_by_either_name(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], taken: str
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(target, "Boto", lambda: Account(deployed.engine.aws))

    target.connect(Project.at(Path.cwd()), "prod", Registry([]))

    assert os.environ["AWS_DEFAULT_REGION"] == taken
