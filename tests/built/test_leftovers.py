"""Nothing that runs for a test outlives it, however the test ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.built.emulator import Start
from tests.built.functions import ROOT, Function
from tests.built.processes import in_session, until
from windrow.local.project import Project

# A function that starts a program and forgets about it.
PARENT = """
import subprocess

def handler(event, context):
    return subprocess.Popen(["sleep", "60"]).pid
"""
# Stands for a test run: starts the function, says where to look, and waits to be killed.
RUN = """
import sys
from pathlib import Path
from tests.built.emulator import run
from tests.built.functions import Function

code, python, log = map(Path, sys.argv[1:])
with run(Function(name="Idle", code=code), {}, python=python, log=log) as function:
    function.invoke({})
    print(function.session, function.sandbox.root, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def parent(tmp_path: Path) -> Function:
    code = tmp_path / "code"
    code.mkdir()
    (code / "app.py").write_text(PARENT)
    return Function(name="Parent", code=code)


def test_a_stopped_function_leaves_no_process_and_no_file(parent: Function, start: Start) -> None:
    with start(parent) as function:
        child = function.invoke({})
        during = function.processes()

    assert child in during
    assert function.processes() == []
    assert not function.sandbox.root.exists()


def test_a_test_that_fails_leaves_nothing_either(parent: Function, start: Start) -> None:
    with pytest.raises(AssertionError), start(parent) as function:
        assert function.invoke({}) is None

    assert function.processes() == []
    assert not function.sandbox.root.exists()


def test_a_test_run_that_is_killed_leaves_nothing_either(project: Project, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context): return None\n")
    places = [tmp_path, project.python(), tmp_path / "log"]
    path = os.pathsep.join(map(str, (ROOT, *(ROOT / "layers").glob("*/python"))))

    with subprocess.Popen(
        [sys.executable, "-c", RUN, *map(str, places)],
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        session, sandbox = run.stdout.readline().split(maxsplit=1)
        during = in_session(int(session))
        run.send_signal(signal.SIGKILL)

    assert during
    until(lambda: not in_session(int(session)), "its processes are gone")
    until(lambda: not Path(sandbox.strip()).exists(), "its files are gone")
