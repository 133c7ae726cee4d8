"""The emulator's environment is every function's environment."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from windrow.local.emulator import (
    HOST,
    NO_EXEC,
    Emulator,
    environment,
    free_port,
    scratch_place,
)
from windrow.local.errors import NoScratchFolder

FOLDER = Path("/tmp/windrow-x")


def test_nothing_of_the_developers_aws_settings_reaches_a_function() -> None:
    developer = {
        "AWS_PROFILE": "work",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real",
        "HOME": "/home/me",
        "GITHUB_TOKEN": "real",
    }

    made = environment(developer, 4566, FOLDER)

    assert not {"work", "AKIAREAL", "real", "/home/me"} & set(made.values())
    assert made["HOME"] == str(FOLDER)


def test_it_listens_on_loopback_only() -> None:
    made = environment({"BIND_HOST": "0.0.0.0"}, 4566, FOLDER)

    assert made["BIND_HOST"] == "127.0.0.1"
    assert made["GATEWAY_PORT"] == "4566"
    assert made["IOT_MTLS_ENABLED"] == "0"


def test_a_proxy_is_used_for_the_internet_and_not_for_the_stack() -> None:
    made = environment({"https_proxy": "http://proxy:1", "NO_PROXY": "intranet"}, 4566, FOLDER)

    assert made["https_proxy"] == "http://proxy:1"
    assert made["NO_PROXY"] == made["no_proxy"] == "intranet,127.0.0.1"


def disks(
    monkeypatch: pytest.MonkeyPatch, memory: Path, gigabytes: int, flags: int, usual: int = 0
) -> None:
    """A machine with so much memory in `memory`, and these flags there and where it is usual."""

    def statvfs(path: Path) -> SimpleNamespace:
        size = gigabytes * 1024**2 if path == memory else 0
        found = flags if path == memory else usual
        return SimpleNamespace(f_bavail=size, f_frsize=1024, f_flag=found)

    monkeypatch.setattr(os, "statvfs", statvfs)


@pytest.mark.parametrize(
    ("gigabytes", "flags", "is_used"), [(8, 0, True), (1, 0, False), (8, NO_EXEC, False)]
)
def test_functions_are_unpacked_in_memory_where_there_is_room_and_code_may_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gigabytes: int, flags: int, is_used: bool
) -> None:
    disks(monkeypatch, tmp_path, gigabytes, flags)

    assert scratch_place(tmp_path) == (tmp_path if is_used else Path(tempfile.gettempdir()))


def test_a_machine_without_such_memory_unpacks_where_the_system_says(tmp_path: Path) -> None:
    assert scratch_place(tmp_path / "nowhere") == Path(tempfile.gettempdir())


def test_a_machine_where_no_temporary_file_may_run_gets_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disks(monkeypatch, tmp_path, 8, NO_EXEC, usual=NO_EXEC)

    with pytest.raises(NoScratchFolder, match="set TMPDIR"):
        scratch_place(tmp_path)


def test_a_start_that_fails_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr("windrow.local.emulator.scratch_place", lambda: tmp_path)
    monkeypatch.setattr(subprocess, "Popen", fail)

    with pytest.raises(OSError, match="no more processes"):
        Emulator.start(Path("python"), tmp_path / "logs")

    assert [path.name for path in tmp_path.iterdir()] == ["logs"]


def test_a_port_that_another_program_took_meanwhile_is_tried_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((HOST, 0)) as other:
        taken = other.getsockname()[1]
        monkeypatch.setattr("windrow.local.emulator.free_port", lambda: taken)

        emulator = Emulator.start(Path(sys.executable), tmp_path / "logs")
        monkeypatch.setattr("windrow.local.emulator.free_port", free_port)
        try:
            emulator._guard.wait()
            emulator.wait_until_ready()
        finally:
            emulator.stop()

    assert emulator.endpoint != f"http://{HOST}:{taken}"
