"""The command line says what is wrong in a sentence."""

from pathlib import Path

import pytest

from windrow.cli import demo, up
from windrow.cli.main import main
from windrow.local.errors import DeployFailed, LocalError
from windrow.local.project import Project


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WINDROW_DEBUG", raising=False)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    (tmp_path / "template.yaml").write_text("Resources: {}")
    return tmp_path


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def run(*_: object) -> int:
        raise error

    monkeypatch.setattr(demo, "run", run)


def test_a_folder_without_a_template_is_no_project(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "template.yaml").unlink()

    assert main(["demo"]) == 1
    assert "template.yaml: run this in the folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DeployFailed(Path("template.yaml"), ["no rights"]), "could not be deployed"),
        (ValueError("a surprise"), "unexpected happened (ValueError: a surprise)"),
    ],
)
def test_a_failure_is_a_sentence_and_not_a_stack_trace(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    said: str,
) -> None:
    failing(monkeypatch, error)

    assert main(["demo"]) == 1
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_the_stack_trace_is_there_for_who_asks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WINDROW_DEBUG", "1")
    failing(monkeypatch, LocalError("x"))

    assert main(["demo"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupted_demo_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, KeyboardInterrupt())

    assert main(["demo"]) == 130


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["up"], (3000, {})),
        (
            ["up", "--port", "4000", "--parameter", "DailyRefresh=on"],
            (4000, {"DailyRefresh": "on"}),
        ),
    ],
)
def test_up_takes_a_port_and_parameters(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: tuple[int, dict[str, str]]
) -> None:
    calls: list[tuple[object, ...]] = []

    def run(_: Project, *rest: object) -> int:
        calls.append(rest)
        return 0

    monkeypatch.setattr(up, "run", run)

    assert main(arguments) == 0
    assert calls == [expected]


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["up", f"--port={port}"])

    assert exit_.value.code == 2
    assert "from 1 to 65535" in capsys.readouterr().err


def test_what_is_no_parameter_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["up", "--parameter", "Auth"])

    assert "NAME=VALUE" in capsys.readouterr().err
