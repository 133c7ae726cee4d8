"""The guard ends what it keeps, however its launcher goes."""

import subprocess
import sys
from pathlib import Path

import pytest

from windrow.local import guard

# A command that starts another one and tells both ids.
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, flush=True)
"""
STAYS = "time.sleep(600)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    (folder / "left behind").write_text("x")
    return folder


def start(folder: Path, script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, guard.__file__, str(folder), sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def is_alive(pid: int) -> bool:
    # A killed process whose new parent has not collected it yet is a zombie, not alive.
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


@pytest.mark.parametrize("way", ["closed", "told"])
def test_the_whole_family_ends_with_the_launcher(folder: Path, way: str) -> None:
    with start(folder, PARENT + STAYS) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        family = [int(pid) for pid in process.stdout.readline().split()]
        if way == "closed":
            process.stdin.close()  # what the system does when the launcher is killed
        else:
            process.terminate()
        process.wait(timeout=20)

    assert not any(is_alive(pid) for pid in family)
    assert not folder.exists()


def test_what_a_command_started_ends_when_the_command_does(folder: Path) -> None:
    with start(folder, PARENT) as process:
        assert process.stdout is not None
        family = [int(pid) for pid in process.stdout.readline().split()]
        process.wait(timeout=20)

    assert not any(is_alive(pid) for pid in family)
    assert not folder.exists()


# A command that notices by itself that its guard is gone, as the emulator does.
NOTICES = """
import threading
from windrow.local.guard import kill_when_abandoned
threading.Thread(target=kill_when_abandoned, args=(os.getpgrp(),)).start()
"""


def test_the_whole_family_ends_with_a_guard_that_is_killed(folder: Path) -> None:
    with start(folder, PARENT + NOTICES) as process:
        assert process.stdout is not None
        process.stdout.readline()

        process.kill()

        # It ends when nobody is left who could write to it.
        assert process.stdout.read() == ""
