"""The AWS emulator as a child process: started, waited for, and ended with all it started."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Self

import httpx

from windrow.local.errors import EmulatorFailed, NoScratchFolder

HOST = "127.0.0.1"
_PATIENCE = timedelta(seconds=60)
_PLENTY = 4 * 1024**3
NO_EXEC = 8  # os.ST_NOEXEC, which Python names on Linux only

# Functions inherit the emulator's whole environment, so a developer's AWS profile, keys and other
# secrets must not be in it. What is let through is what it takes to reach the internet from here.
_LET_THROUGH = {
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "PATH",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
}


class Emulator:
    """One emulator on a free loopback port, with its state in memory.

    It is the child of a guard (`guard.py`) that ends it when this process stops it or dies.
    """

    def __init__(self, function_python: Path, logs: Path, door: str) -> None:
        self._function_python = function_python
        self._logs = logs
        self._door = door
        self._begin()

    @classmethod
    def start(cls, function_python: Path, logs: Path, door: str = "") -> Self:
        """Start an emulator that runs functions with `function_python`; does not wait for it.

        What it says goes to a file in `logs`. It answers no page of the web, except what comes with
        the Host `door`.
        """
        return cls(function_python, logs, door)

    def _begin(self) -> None:
        port = free_port()
        self.endpoint = f"http://{HOST}:{port}"
        self._logs.mkdir(parents=True, exist_ok=True)
        self.log = self._logs / f"emulator-{port}.log"
        self.folder = Path(tempfile.mkdtemp(prefix="windrow-", dir=scratch_place()))
        try:
            self._guard = self._spawn(port)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        here = Path(__file__).parent
        command = [sys.executable, "-I", "-S", str(here / "guard.py"), str(self.folder)]
        command += [sys.executable, "-I", str(here / "emulate.py")]
        with self.log.open("wb") as output:
            return subprocess.Popen(
                [*command, str(self._function_python), self._door],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment(os.environ, port, self.folder),
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for us; we end the emulator in our own order
            )

    def wait_until_ready(self, patience: timedelta = _PATIENCE) -> None:
        """Return once it answers; raises EmulatorFailed if it ends or stays silent."""
        may_retry = True
        deadline = time.monotonic() + patience.total_seconds()
        with httpx.Client(trust_env=False, timeout=5) as client:
            while time.monotonic() < deadline:
                if not self.is_running():
                    if may_retry and self._met_another():
                        may_retry = False
                        self.stop()
                        self.log.unlink()
                        self._begin()
                        continue
                    raise EmulatorFailed("ended while it was starting", self.log)
                with contextlib.suppress(httpx.TransportError):
                    if client.get(f"{self.endpoint}/_ministack/health").is_success:
                        return
                time.sleep(0.02)
        raise EmulatorFailed(f"did not answer within {patience.total_seconds():.0f} s", self.log)

    def _met_another(self) -> bool:
        """Did another program take the port between our finding it and the emulator's start?"""
        return b"already in use" in self.log.read_bytes().lower()

    def is_running(self) -> bool:
        return self._guard.poll() is None

    def stop(self) -> None:
        """End the emulator and its functions, and remove their files. Harmless the second time."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def scratch_place(memory: Path = Path("/dev/shm")) -> Path:  # noqa: S108 - mkdtemp makes it
    """Where functions are unpacked: in memory where there is plenty, else where the system says.

    Every cold start unpacks over a thousand small files, and on a slow disk that is most of it
    (measured: 2.0 s against 0.2 s). Never below the project: the emulator joins folders with ":",
    and a path may hold one. Raises NoScratchFolder where the system's folder may hold no programs:
    compiled packages would not load, and say so far from the cause.
    """
    usual = Path(tempfile.gettempdir())
    for folder, least in ((memory, _PLENTY), (usual, 0)):
        with contextlib.suppress(OSError):
            there = os.statvfs(folder)
            has_room = there.f_bavail * there.f_frsize >= least
            if has_room and not there.f_flag & NO_EXEC and os.access(folder, os.W_OK):
                return folder
    raise NoScratchFolder(usual)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def environment(caller: Mapping[str, str], port: int, folder: Path) -> dict[str, str]:
    """The environment of the emulator, and through it of every function."""
    kept = {name: value for name, value in caller.items() if name.upper() in _LET_THROUGH}
    direct = ",".join(filter(None, (caller.get("NO_PROXY") or caller.get("no_proxy"), HOST)))
    return kept | {
        "NO_PROXY": direct,
        "no_proxy": direct,
        "HOME": str(folder),  # no ~/.aws of the developer
        "TMPDIR": str(folder),
        "TZ": "UTC",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",  # would listen on 8883
        "DOCKER_HOST": f"unix://{folder}/none",  # would remove containers of other emulators
        "LOG_LEVEL": "WARNING",
    }
