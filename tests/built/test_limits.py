"""Time and crashes: what Lambda would end is ended, and the next event finds a new start."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.built.emulator import InvocationFailed, Start
from tests.built.functions import Function

# It ends by itself after a minute, should ever nobody be there to end it.
OBEDIENT = """
import os, time

def handler(event, context):
    match event:
        case "hang":
            time.sleep(60)
        case "die":
            os._exit(1)
        case "raise":
            raise ValueError("hay")
    return {"process": os.getpid(), "left": context.get_remaining_time_in_millis()}
"""


@pytest.fixture
def obedient(tmp_path: Path) -> Function:
    (tmp_path / "app.py").write_text(OBEDIENT)
    return Function(name="Obedient", code=tmp_path, timeout=timedelta(seconds=1))


def test_a_function_that_outlives_its_timeout_is_ended_and_started_anew(
    obedient: Function, start: Start
) -> None:
    with start(obedient) as function:
        before = function.invoke("answer")
        with pytest.raises(InvocationFailed, match=r"timed out after 1\.00 seconds"):
            function.invoke("hang")
        after = function.invoke("answer")

    assert before["process"] != after["process"]
    assert not Path("/proc", str(before["process"])).exists()


def test_a_function_that_dies_is_started_anew(obedient: Function, start: Start) -> None:
    with start(obedient) as function:
        before = function.invoke("answer")
        with pytest.raises(InvocationFailed) as failure:
            function.invoke("die")
        after = function.invoke("answer")

    assert failure.value.kind == "Runtime.ExitError"
    assert before["process"] != after["process"]


def test_a_function_that_raises_goes_on(obedient: Function, start: Start) -> None:
    with start(obedient) as function:
        before = function.invoke("answer")
        with pytest.raises(InvocationFailed, match="hay") as failure:
            function.invoke("raise")
        after = function.invoke("answer")

    assert failure.value.kind == "ValueError"
    assert before["process"] == after["process"]


def test_a_function_knows_how_much_time_is_left(obedient: Function, start: Start) -> None:
    with start(obedient) as function:
        left = function.invoke("answer")["left"]

    assert 0 < left <= 1000


def test_the_time_it_takes_to_start_is_measured(obedient: Function, start: Start) -> None:
    with start(obedient) as function:
        function.invoke("answer")

        assert timedelta() < function.init < timedelta(seconds=10)
