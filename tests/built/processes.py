"""The processes of a session, read from /proc, and waiting for what must come soon."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path


def in_session(session: int) -> list[int]:
    """The processes that live in a session, whatever process group or parent they have."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                # The command, in brackets, may hold anything; what follows it is plain.
                state, _, _, owner = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                if int(owner) == session and state != "Z":
                    found.append(int(entry.name))
    return found


def end_session(leader: int) -> None:
    """Kill what lives in the session of a child of ours, and the child itself last.

    A child that was not waited for keeps its number, so the session cannot be somebody else's.
    """

    def is_alone() -> bool:
        others = [process for process in in_session(leader) if process != leader]
        for process in others:
            _kill(process)
        return not others

    until(is_alone, "the processes of the session have ended")
    _kill(leader)


def has_ended(child: int) -> bool:
    """Has a child of ours ended? It is not waited for, and keeps its number."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def until(
    condition: Callable[[], bool], what: str, patience: timedelta = timedelta(seconds=10)
) -> None:
    """Return once the condition holds; raises TimeoutError that says what did not come."""
    deadline = time.monotonic() + patience.total_seconds()
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {patience.total_seconds():.0f} s: {what}")
        time.sleep(0.01)


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
