"""One function in AWS's Runtime Interface Emulator, the binary that lies inside aws-sam-cli.

It speaks the Runtime API to awslambdaric as Lambda does: it starts the runtime at the first event,
counts the time of each, kills a function that outlives its own, and starts it anew.
"""

import http.client
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from tests.built.functions import Function
from tests.built.processes import end_session, has_ended, in_session, until
from tests.built.sandbox import RUNTIME_CLIENT, Sandbox, sandboxed
from windrow.local import guard
from windrow.local.emulator import HOST, free_port
from windrow.local.machine import Machine

INVOCATIONS = "/2015-03-31/functions/function/invocations"
# The emulator ends a function by itself; this only bounds the wait for that.
MARGIN = timedelta(seconds=15)
INIT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")


class InvocationFailed(Exception):
    """A function did not start, raised, crashed or ran out of time."""

    def __init__(self, name: str, kind: str, message: str, log: str) -> None:
        self.kind = kind
        self.message = message
        super().__init__(f"{name} ended with {kind}: {message}\n{log}")


@dataclass(frozen=True, slots=True)
class RunningFunction:
    """A function that can be invoked; one event at a time, as on Lambda.

    `session` is that of every process that runs for it.
    """

    function: Function
    sandbox: Sandbox
    session: int
    port: int
    log: Path

    @property
    def init(self) -> timedelta:
        """How long the first start of the runtime and the function took, by the emulator."""
        reported = INIT.search(self.log.read_text(errors="replace"))
        assert reported, "it has not been started yet"
        return timedelta(milliseconds=float(reported[1]))

    def processes(self) -> list[int]:
        return in_session(self.session)

    def invoke(self, event: object) -> Any:
        """What the function answers to an event; raises InvocationFailed if it does not."""
        seconds = (self.function.timeout + MARGIN).total_seconds()
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=seconds)) as connection:
            connection.request("POST", INVOCATIONS, json.dumps(event))
            body = connection.getresponse().read().decode()
        try:
            answer = json.loads(body)
        except json.JSONDecodeError:
            raise self.failure("Timeout", body) from None
        if isinstance(answer, dict) and "errorType" in answer:
            raise self.failure(answer["errorType"], answer.get("errorMessage", ""))
        return answer

    def failure(self, kind: str, message: str) -> InvocationFailed:
        lines = self.log.read_text(errors="replace").splitlines()
        return InvocationFailed(self.function.name, kind, message, "\n".join(lines[-30:]))


type Running = AbstractContextManager[RunningFunction]


class Start(Protocol):
    """Runs a function while a block does."""

    def __call__(
        self,
        function: Function,
        variables: Mapping[str, str] | None = ...,
        *,
        without: str | None = ...,
    ) -> Running: ...


@contextmanager
def run(
    function: Function,
    variables: Mapping[str, str],
    *,
    python: Path,
    log: Path,
    without: str | None = None,
) -> Iterator[RunningFunction]:
    """Run a function while the block does; then nothing of it is left.

    `python` is the interpreter of the functions, `without` what its artifact shall lack.
    """
    port = free_port()
    emulator = [str(binary()), "--runtime-interface-emulator-address", f"{HOST}:{port}"]
    emulator += ["--runtime-api-address", f"{HOST}:{free_port()}"]
    emulator += [str(python), "-P", "-s", "-m", RUNTIME_CLIENT, function.handler]
    with sandboxed(function, without=without) as sandbox, log.open("wb") as output:
        # The guard ends the emulator and removes the sandbox when this process is killed.
        keeper = [sys.executable, "-I", "-S", str(guard.__file__), str(sandbox.root)]
        process = subprocess.Popen(
            keeper + emulator,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=sandbox.environment(function, variables),
            cwd=sandbox.task,
            start_new_session=True,  # by which all that it starts is found again
        )
        running = RunningFunction(function, sandbox, process.pid, port, log)
        try:
            until(lambda: _listens(running), f"the emulator of {function.name} listens")
            yield running
        finally:
            # The emulator puts each runtime into a process group of its own, beyond the guard.
            end_session(process.pid)
            process.communicate()


def _listens(running: RunningFunction) -> bool:
    if has_ended(running.session):
        raise running.failure("Emulator", "it ended while it was starting")
    with closing(socket.socket()) as probe:
        return probe.connect_ex((HOST, running.port)) == 0


def binary() -> Path:
    """AWS's emulator for this machine's processor; it exists for Linux only."""
    if sys.platform != "linux":
        raise RuntimeError(
            "AWS's Runtime Interface Emulator runs on Linux only; elsewhere, "
            "`pytest -m 'not built'` runs all other tests."
        )
    name = f"aws-lambda-rie-{Machine.here().architecture}"
    return Path(str(files("samcli") / "local" / "rapid" / name))
