"""Finding tasks again at a terminal, and letting all that failed begin again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.harness import Deployment
from tests.listed import SECOND, store, tasks
from tests.unit.cli.account import stack, typed
from windrow import Context, Registry, RetryPolicy, task
from windrow.cli import commands
from windrow.engine.submit import submit
from windrow.model.states import State

MINUTE = timedelta(minutes=1)


@task("hopeless", retry=RetryPolicy(attempts=1))
def hopeless(context: Context) -> str:
    if context.attempt == 1:
        raise ValueError("no good")
    return "well, then"


@task("hopeless.too", retry=RetryPolicy(attempts=1))
def hopeless_too(context: Context) -> None:
    raise TimeoutError("no answer")


@task("greet")
def greet(context: Context) -> str:
    return "hello"


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    registry = Registry([greet, hopeless, hopeless_too])
    monkeypatch.setattr(commands, "_registry", lambda _project, _module: registry)
    with stack(tmp_path, monkeypatch, registry) as made:
        yield made


def done(deployed: Deployment, *names: str) -> list[str]:
    """The ids of tasks that were submitted a minute apart, and have ended."""
    made = []
    for name in names:
        deployed.clock.advance(MINUTE)
        made.append(submit(deployed.engine, name).task.ref.task)
        deployed.pump()
    return made


def test_the_newest_tasks_are_listed_a_line_each(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = done(deployed, "greet", "hopeless")

    assert typed("list") == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"{second}  2026-01-15 10:32:00Z   5  failed                  hopeless  ValueError",
        f"{first}  2026-01-15 10:31:00Z   5  succeeded               greet",
    ]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("--type greet", ["greet"]),
        ("--type greet,hopeless.too", ["hopeless.too", "greet"]),
        ("--state failed", ["hopeless.too", "hopeless"]),
        ("--state succeeded,failed --error TimeoutError", ["hopeless.too"]),
        ("--state queued", []),
        ("--priority 4", []),
        ("--after 2026-01-15T10:33:00Z", ["hopeless.too"]),
        ("--after 90s", ["hopeless.too", "hopeless"]),
        ("--before 2026-01-15T11:32:00+01:00", ["greet"]),
    ],
)
def test_filters_combine(
    deployed: Deployment, capsys: pytest.CaptureFixture[str], filters: str, expected: list[str]
) -> None:
    done(deployed, "greet", "hopeless", "hopeless.too")

    assert typed(f"list --json {filters}") == 0

    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["task"] for line in lines] == expected


def test_more_than_a_page_is_read_page_by_page(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = store(deployed.engine.records, tasks(250))

    assert typed("list --json --limit 230") == 0

    found = [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()]
    assert found == [task.ref.task for task in stored[:230]]


def test_what_runs_the_longest_comes_first(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    began = deployed.clock.now() - timedelta(hours=1)
    running = [
        replace(each, started=began + number * SECOND)
        for number, each in enumerate(tasks(15))
        if each.state is State.RUNNING
    ]
    store(deployed.engine.records, running)

    assert typed("list --longest --limit 2") == 0

    first, second, _ = capsys.readouterr().out.splitlines()
    assert (first.split()[0], first.split("for ")[1]) == (running[0].ref.task, "3,599 s")
    assert second.split()[0] == running[1].ref.task


def test_it_says_that_there_are_more_or_none(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    done(deployed, "greet", "greet")

    typed("list --limit 1")
    typed("list --type unheard.of")

    said = capsys.readouterr().out
    assert "There are more: ask for them with --limit" in said
    assert "No task meets these filters." in said


@pytest.mark.parametrize("given", ["--state done", "--after yesterday", "--before 2026-01-15"])
def test_what_is_no_filter_is_refused(
    deployed: Deployment, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    with pytest.raises(SystemExit):
        typed(f"list {given}")

    assert given.split()[1] in capsys.readouterr().err


def test_all_that_failed_and_meets_the_filters_begins_again(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other, too, _ = done(deployed, "hopeless", "hopeless", "hopeless.too", "greet")

    assert typed("retry --failed --type hopeless --dry-run") == 0
    assert deployed.task(one).state is State.FAILED
    assert typed("retry --failed --type hopeless") == 0

    said = capsys.readouterr().out
    assert "2 would begin again." in said
    assert said.endswith(f"{other}\n{one}\n2 began again.\n")
    deployed.pump()
    assert [deployed.task(each).state for each in (one, other, too)] == [
        State.SUCCEEDED,
        State.SUCCEEDED,
        State.FAILED,
    ]


def test_one_that_cannot_begin_again_holds_up_no_other(
    deployed: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    (known,) = done(deployed, "hopeless")
    # Of a type that this deployment has not any more.
    (unknown,) = [task for task in tasks(4) if task.state is State.FAILED]
    store(deployed.engine.records, [unknown])

    assert typed("retry --failed") == 1

    said = capsys.readouterr()
    assert f"{known}\n1 began again, 1 cannot." in said.out
    assert unknown.name in said.err


@pytest.mark.parametrize("given", ["", "01KF0Q5M00E4Q8V0J8Z1X2Y3W4 --failed"])
def test_a_retry_is_of_one_task_or_of_all_that_failed(
    deployed: Deployment, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    assert typed(f"retry {given}") == 2

    assert "Name one task, or --failed" in capsys.readouterr().err


def test_a_watched_list_is_shown_anew_every_two_seconds(
    deployed: Deployment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(deployed.engine, "greet")
    slept: list[timedelta] = []

    def sleep(duration: timedelta) -> None:
        slept.append(duration)
        if len(slept) == 2:
            raise KeyboardInterrupt
        deployed.pump()

    monkeypatch.setattr(deployed.clock, "sleep", sleep)

    assert typed("list --watch") == commands.INTERRUPTED

    first, second = capsys.readouterr().out.splitlines()
    assert "queued" in first
    assert "succeeded" in second
    assert slept == [timedelta(seconds=2)] * 2
