"""Set-up finds its tools on machines that are not like ours."""

import errno
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import setup_environment, setup_python, setup_shell, setup_uv


def python_at(folder: Path, name: str) -> Path:
    python = folder / name / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("")
    return python


def test_an_old_python_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))

    with pytest.raises(SystemExit, match=r"version 3\.11 or newer"):
        runpy.run_module("scripts.setup")


def test_pyenvs_newest_python_of_a_version_comes_first(tmp_path: Path) -> None:
    older = python_at(tmp_path, "3.13.9")
    newer = python_at(tmp_path, "3.13.10")
    for other in ("3.12.1", "3.13-dev", "3.13.0t", "3.130.1", "pypy3.13-7.3"):
        python_at(tmp_path, other)

    assert setup_python.in_pyenv(tmp_path, "3.13") == [newer, older]


def test_a_machine_without_pyenv_has_nothing_there(tmp_path: Path) -> None:
    assert setup_python.in_pyenv(tmp_path / "nowhere", "3.13") == []


def test_this_python_is_usable_and_another_version_is_not() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"

    assert setup_python.is_usable(Path(sys.executable), version)
    assert not setup_python.is_usable(Path(sys.executable), "3.5")


def test_a_machine_without_any_python_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_python, "installed", lambda uv, version: None)
    monkeypatch.setattr(setup_python, "fetched", lambda uv, version: None)

    with pytest.raises(setup_shell.SetupError, match=r"install Python 3\.13"):
        setup_python.find("uv")


def test_an_older_python_is_used_with_a_notice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {"3.12": "/python3.12"}
    monkeypatch.setattr(setup_python, "installed", lambda uv, version: found.get(version))
    monkeypatch.setattr(setup_python, "fetched", lambda uv, version: None)

    assert setup_python.find("uv") == "/python3.12"
    said = capsys.readouterr().out
    assert "working with 3.12" in said
    assert "`make build`, which builds for AWS, needs 3.13" in said


def test_what_misleads_uv_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYENV_ROOT", "/pyenv")
    monkeypatch.setenv("PATH", "/pyenv/shims:/usr/bin")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    monkeypatch.setenv("SSL_CERT_FILE", "/certificates")

    made = setup_shell.clean_environment()

    assert made["PATH"] == "/usr/bin"
    assert "VIRTUAL_ENV" not in made
    assert made["SSL_CERT_FILE"] == "/certificates"


@pytest.mark.parametrize(
    ("said", "usable"),
    [("uv 0.13.9 (x86_64)", True), ("uv 0.4.30", False), ("uvicorn 1.0", False), (None, False)],
)
def test_an_old_uv_or_another_program_is_not_used(
    monkeypatch: pytest.MonkeyPatch, said: str | None, usable: bool
) -> None:
    monkeypatch.setattr(setup_uv, "output_of", lambda command: said)

    assert setup_uv.is_usable("uv") is usable


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is set up for `local`."""
    for name, path in {
        "ROOT": tmp_path,
        "HOME": tmp_path / ".windrow",
        "STAMP": tmp_path / "stamp.json",
        "VENV": tmp_path / "venv",
        "RUNTIME": tmp_path / "runtime",
        "UV": tmp_path / "uv",
    }.items():
        monkeypatch.setattr(setup_environment, name, path)
    for name in ("venv/bin/python", "runtime/bin/python", "uv", "pyproject.toml", "uv.lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    setup_environment.write_stamp("local")
    return tmp_path


def test_nothing_is_done_when_nothing_changed(folder: Path) -> None:
    assert setup_environment.is_ready("local")


def test_the_larger_set_serves_for_the_smaller_and_not_the_other_way(folder: Path) -> None:
    assert not setup_environment.is_ready("dev")

    setup_environment.write_stamp("dev")

    assert setup_environment.is_ready("local")
    assert setup_environment.is_ready("dev")


@pytest.mark.parametrize("name", ["uv.lock", "pyproject.toml"])
def test_a_changed_lock_is_installed(folder: Path, name: str) -> None:
    (folder / name).write_text("changed")

    assert not setup_environment.is_ready("local")


@pytest.mark.parametrize("name", ["venv/bin/python", "runtime/bin/python", "uv"])
def test_a_tool_that_is_gone_is_installed_again(folder: Path, name: str) -> None:
    (folder / name).unlink()

    assert not setup_environment.is_ready("local")


def test_a_folder_that_was_moved_is_set_up_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = folder / "moved"
    elsewhere.mkdir()
    for name in ("pyproject.toml", "uv.lock"):
        (elsewhere / name).write_text("")
    monkeypatch.setattr(setup_environment, "ROOT", elsewhere)

    assert not setup_environment.is_ready("local")


def test_a_broken_stamp_counts_as_none(folder: Path) -> None:
    (folder / "stamp.json").write_text("{")

    assert not setup_environment.is_ready("local")


def test_an_installed_package_of_our_name_does_not_take_our_place(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "__init__.py").write_text("raise SystemExit('not ours')")

    done = subprocess.run(
        [sys.executable, "-c", "import scripts.setup_shell"],
        cwd=Path(setup_shell.__file__).parents[1],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")


def run_set_up(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["setup", "local"])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    return setup_environment.main()


def test_a_file_where_set_up_keeps_its_things_gets_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "stamp.json").unlink()
    (folder / ".windrow").write_text("")

    assert run_set_up(monkeypatch) == 1
    assert (
        f"setup: {folder / '.windrow'} could not be used (file exists)" in capsys.readouterr().err
    )


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing_gets_a_sentence(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: int,
) -> None:
    def install(_: str) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(setup_environment, "is_ready", lambda _: False)
    monkeypatch.setattr(setup_environment, "install", install)

    assert run_set_up(monkeypatch) == 1
    assert os.strerror(code).lower() in capsys.readouterr().err


def fake_uv(folder: Path, script: str) -> str:
    uv = folder / "uv"
    uv.write_text(f"#!/bin/sh\n{script}\n")
    uv.chmod(0o755)
    return str(uv)


def test_uvs_own_words_are_passed_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    uv = fake_uv(tmp_path, "echo error: no route to host >&2; exit 2")

    assert setup_python.fetched(uv, "3.13") is None
    assert "uv said: error: no route to host" in capsys.readouterr().out


def test_a_cache_that_cannot_be_written_is_replaced_by_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    (tmp_path / "file").write_text("")
    uv = fake_uv(tmp_path, f"echo '{tmp_path}/file/cache'")

    setup_uv.choose_cache(uv, tmp_path / "own")

    assert os.environ.pop("UV_CACHE_DIR") == str(tmp_path / "own")
    assert (tmp_path / "own").is_dir()
    assert "uv cannot write its cache" in capsys.readouterr().out


def test_a_cache_that_can_be_written_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)

    setup_uv.choose_cache(fake_uv(tmp_path, f"echo '{tmp_path}/cache'"), tmp_path / "own")

    assert "UV_CACHE_DIR" not in os.environ
    assert not (tmp_path / "own").exists()


def test_a_user_without_a_home_has_no_pyenv(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.setattr(Path, "home", nobody)

    assert setup_shell.pyenv_root() is None
    assert setup_shell.clean_environment()["PATH"]


def test_a_set_up_that_is_told_to_end_ends_uv(tmp_path: Path) -> None:
    uv = fake_uv(tmp_path, "echo $$; exec tail -f /dev/null")

    assert what_became_of(uv, told=signal.SIGTERM) == "ended"


def test_a_set_up_that_is_told_to_end_while_uv_starts_ends_it_too(tmp_path: Path) -> None:
    uv = fake_uv(tmp_path, "echo $$; exec tail -f /dev/null")
    start_and_be_told = (
        "start = s.subprocess.Popen\n"
        "def told(*args, **options):\n"
        "    started = start(*args, **options)\n"
        "    print(started.pid, flush=True)\n"
        "    signal.raise_signal(signal.SIGTERM)\n"
        "    return started\n"
        "s.subprocess.Popen = told\n"
    )

    assert what_became_of(uv, before=start_and_be_told) == "ended"


def what_became_of(uv: str, *, before: str = "", told: signal.Signals | None = None) -> str:
    """Let a set-up run this uv, tell it something, and say what became of uv once it is over."""
    script = (
        "import signal; from pathlib import Path; from scripts import setup_environment as s\n"
        "signal.signal(signal.SIGTERM, signal.default_int_handler)\n"
        f"{before}"
        f"s.sync({uv!r}, 'python', s.VENV, [])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=Path(setup_shell.__file__).parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())

        if told is not None:
            process.send_signal(told)
        process.wait(timeout=20)

    try:
        os.kill(child, 0)
    except ProcessLookupError:
        return "ended"
    os.kill(child, signal.SIGKILL)
    return "left behind"
