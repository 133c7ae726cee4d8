"""What a task came to, as an operator gets it: whole, or with the command that has the whole."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tests.harness import Deployment
from tests.letters import Hopeless, Letters
from tests.unit.cli.account import stack, typed
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.submit import submit
from windrow.model.payload import INLINE_PARAMS, INLINE_RESULT

WAITS = RetryPolicy(attempts=2, base=timedelta(hours=1), cap=timedelta(hours=1))


class Wanted(BaseModel):
    size: int
    text: str = ""


@task("measured", params=Wanted)
def measured(context: Context, params: Wanted) -> str:
    context.progress(42, 100, "reading [bold]page[/bold] 42")
    return "x" * params.size


@task("only", params=Wanted, unique="one")
def only(context: Context, params: Wanted) -> None: ...


@task("broken", retry=WAITS)
def broken(context: Context) -> None:
    raise OSError("no route to [host]")


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    letters = Letters({3: Hopeless("no stamp"), 7: Hopeless("no address")}).registry()
    tasks = [measured, broken, only, letters.map("letters")]
    with stack(tmp_path, monkeypatch, Registry(tasks)) as made:
        yield made


@pytest.fixture
def app(tmp_path: Path) -> str:
    """The module that names these tasks."""
    folder = tmp_path / "layers" / "mine" / "python"
    folder.mkdir(parents=True)
    (folder / "mine_for_outcomes.py").write_text(
        "from windrow import Registry\n"
        "from tests.unit.cli.test_outcomes import broken, measured, only\n"
        "registry = Registry([broken, measured, only])\n"
    )
    return "mine_for_outcomes"


def done(deployed: Deployment, name: str, params: dict[str, Any] | None = None) -> str:
    task_id = submit(deployed.engine, name, params).task.ref.task
    deployed.pump()
    return task_id


type Said = pytest.CaptureFixture[str]


def test_a_result_is_printed_as_it_is(deployed: Deployment, capsys: Said) -> None:
    task_id = done(deployed, "measured", {"size": 2_000})

    assert typed(f"result {task_id.lower()}") == 0

    assert json.loads(capsys.readouterr().out) == "x" * 2_000


def test_of_a_large_result_there_is_a_link(deployed: Deployment, capsys: Said) -> None:
    task_id = done(deployed, "measured", {"size": INLINE_RESULT})

    assert typed(f"result {task_id}") == 0
    assert capsys.readouterr().out.startswith("https://")
    assert typed(f"show {task_id}") == 0
    assert f"`windrow result {task_id}`" in " ".join(capsys.readouterr().out.split("│"))


def test_who_asks_too_early_or_too_late_for_a_result_is_told(
    deployed: Deployment, capsys: Said
) -> None:
    waits, ended = done(deployed, "broken"), done(deployed, "measured", {"size": 1})

    assert typed(f"result {waits}") == 2
    assert "is queued: it has no result yet." in capsys.readouterr().err
    deployed.run_for(timedelta(hours=30))
    assert typed(f"result {waits}") == 2
    assert "has failed, and has no result: OSError: no route to [host]" in capsys.readouterr().err
    assert typed(f"result {ended}") == 2
    assert "was kept until" in capsys.readouterr().err


def test_a_long_value_is_folded_and_what_is_cut_says_so(deployed: Deployment, capsys: Said) -> None:
    task_id = done(deployed, "measured", {"size": 1_500})

    assert typed(f"show {task_id}") == 0

    said = capsys.readouterr().out
    assert said.count("x") >= 490
    assert all(len(line) <= 80 for line in said.splitlines())
    assert "cut; all 1,502 characters" in " ".join(said.replace("│", " ").split())


def test_progress_is_shown_and_no_items_of_a_plain_task(deployed: Deployment, capsys: Said) -> None:
    task_id = done(deployed, "measured", {"size": 1})

    typed(f"show {task_id}")

    said = capsys.readouterr().out
    assert "42 of 100" in said
    assert "reading [bold]page[/bold] 42" in said
    assert "items" not in said


def test_programs_get_everything(deployed: Deployment, capsys: Said) -> None:
    params = {"size": 3, "text": "y" * INLINE_PARAMS}
    task_id = done(deployed, "measured", params)

    assert typed(f"show {task_id} --json") == 0

    said = json.loads(capsys.readouterr().out)
    assert (said["state"], said["attempts"], said["error"]) == ("succeeded", 1, None)
    assert said["progress"]["percent"] == 100
    assert said["progress"]["message"] == "reading [bold]page[/bold] 42"
    assert said["params"] == params
    assert said["result"] == "xxx"
    assert said["created"].endswith("Z")
    assert datetime.fromisoformat(said["created"]) == deployed.task(task_id).created


def test_the_failed_items_of_a_map_are_listed_with_reasons(
    deployed: Deployment, capsys: Said
) -> None:
    task_id = done(deployed, "letters")

    assert typed(f"show {task_id}") == 0
    said = capsys.readouterr().out
    assert "succeeded with errors" in said
    assert "10 of 10 items (100 %), 2 failed" in said
    assert f"windrow failures {task_id}" in said

    assert typed(f"failures {task_id} --limit 1") == 0
    said = capsys.readouterr().out
    assert "3  Hopeless: no stamp  3\n" in said
    assert f"`windrow failures {task_id} --from 7`" in said
    assert typed(f"failures {task_id} --from 4 --json") == 0
    error = {"kind": "Hopeless", "message": "no address"}
    said = json.loads(capsys.readouterr().out)
    assert said == {"items": [{"number": 7, "item": 7, "error": error}], "next": None}


def test_without_failed_items_there_is_a_sentence(deployed: Deployment, capsys: Said) -> None:
    assert typed(f"failures {done(deployed, 'letters')} --from 8") == 0
    assert "No item has failed or was cancelled, from item 8 on." in capsys.readouterr().out

    assert typed(f"failures {done(deployed, 'measured', {'size': 1})}") == 2
    assert "is no map" in capsys.readouterr().err


def test_what_waits_for_another_attempt_says_why(deployed: Deployment, capsys: Said) -> None:
    task_id = done(deployed, "broken")

    typed(f"show {task_id}")

    said = capsys.readouterr().out
    assert "OSError: no route to [host]" in said
    assert "1 after a failed attempt" in said


def test_the_failed_items_of_what_has_none_are_not_retried(
    deployed: Deployment, capsys: Said, app: str
) -> None:
    task_id = done(deployed, "broken")

    assert typed(f"retry {task_id} --failed-items --app {app}") == 2
    assert "it is no map, and has no failed items" in capsys.readouterr().err


def test_a_retry_of_what_has_not_ended_does_nothing_and_says_so(
    deployed: Deployment, capsys: Said, app: str
) -> None:
    assert typed(f"retry {done(deployed, 'broken')} --app {app}") == 2
    assert "Nothing was done: it is queued" in capsys.readouterr().err


def test_who_meets_a_task_with_other_params_is_told(
    deployed: Deployment, capsys: Said, app: str, tmp_path: Path
) -> None:
    (tmp_path / "p.json").write_text('{"size": 2}')
    assert typed(f"submit only --app {app} --delay 1h --params @{tmp_path}/p.json") == 0
    assert typed(f'submit only --app {app} --params {{"size":2}}') == 0
    assert "It was there already, and is queued." in capsys.readouterr().out

    assert typed(f'submit only --app {app} --params {{"size":3}}') == 0

    assert "It was there already, with other params, and is queued." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("measured", "Invalid params for task 'measured': size: a value, and there is none."),
        (
            "broken --delay 9999d",
            "delay must be between 0 and 366 days, not 9999 days.",
        ),
        ("broken --start-within 0s", "start_within must be positive, and at most 3660 days, not 0"),
    ],
)
def test_a_submission_that_is_refused_is_told_why_in_words(
    deployed: Deployment, capsys: Said, app: str, options: str, said: str
) -> None:
    assert typed(f"submit {options} --app {app}") == 2

    assert said in capsys.readouterr().err
