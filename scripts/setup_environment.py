"""What set-up does: uv, a CPython, `.venv` with the locked packages, and the functions' runtime.

Everything lands in `.venv` and `.windrow` of this folder. A stamp remembers what was installed, so
that a second run with nothing changed only compares a hash.
"""

import argparse
import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts import setup_python, setup_uv
from scripts.setup_shell import SetupError, clean_environment, run_quietly, say

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".windrow"
STAMP = HOME / "setup.json"
VENV = ROOT / ".venv"
# What a function finds besides its own artifact, as on AWS: the SDK and nothing else.
RUNTIME = HOME / "runtime"
# A link to the uv that was found, for the Makefile and for packaging.
UV = HOME / "bin" / "uv"
# Each set holds everything of the sets before it.
SETS = ("local", "dev")
# uv's cache where its usual one cannot be written; packaging looks for it too.
CACHE = HOME / "cache"


def main() -> int:
    """Install the set named on the command line, unless it is there; 1 with a sentence if not."""
    parser = argparse.ArgumentParser(prog="scripts.setup", description=__doc__)
    parser.add_argument("set", choices=SETS, help="local: run the stack; dev: also test it")
    wanted = parser.parse_args().set
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both end what was started
    try:
        if not is_ready(wanted):
            install(wanted)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"setup: {sentence(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def sentence(error: OSError) -> str:
    """What went wrong with which file: it is in the way, its disk is full or read-only."""
    what = error.filename or ROOT
    reason = (error.strerror or str(error)).lower()
    return (
        f"{what} could not be used ({reason}): this folder must be writable and the disk not full; "
        "then run the same command again."
    )


def is_ready(wanted: str) -> bool:
    """Is the set, or a larger one, installed from the files as they are now?"""
    stamp = read_stamp()
    return (
        stamp.get("inputs") == inputs_hash()
        and wanted in SETS[: SETS.index(stamp.get("set", "local")) + 1]
        and UV.exists()
        and all((folder / "bin" / "python").exists() for folder in (VENV, RUNTIME))
    )


def install(wanted: str) -> None:
    """Bring `.venv` and the runtime to what uv.lock says; raise SetupError with a sentence."""
    started = time.monotonic()
    HOME.mkdir(exist_ok=True)
    with (HOME / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_ready(wanted):
            return
        STAMP.unlink(missing_ok=True)
        uv = setup_uv.find(HOME / "uv")
        UV.parent.mkdir(exist_ok=True)
        UV.unlink(missing_ok=True)
        UV.symlink_to(uv)
        setup_uv.choose_cache(uv, CACHE)
        python = setup_python.find(uv)
        say("installing the locked packages, which may take some minutes the first time")
        # The smaller set leaves in place what else is there: a demo must not take test tools away.
        others = ["--inexact"] if wanted == "local" else []
        sync(uv, python, VENV, ["--no-default-groups", "--group", wanted, *others])
        sync(uv, python, RUNTIME, ["--only-group", "runtime", "--no-install-project"])
        write_stamp(wanted)
    say(f"ready after {time.monotonic() - started:.0f} s")


def sync(uv: str, python: str, folder: Path, groups: list[str]) -> None:
    """Make `folder` hold exactly these groups of uv.lock, compiled."""
    command = [uv, "sync", "--quiet", "--frozen", "--compile-bytecode", "--python", python, *groups]
    environment = clean_environment() | {"UV_PROJECT_ENVIRONMENT": str(folder)}
    process: subprocess.Popen[bytes] | None = None
    try:
        with signals_held():
            process = subprocess.Popen(command, cwd=ROOT, env=environment)
        while (code := ended(process)) is None:
            say("still installing")
    except KeyboardInterrupt:
        if process is not None:
            process.terminate()
            process.wait()
        raise
    if code != 0:
        raise SetupError(
            f"`uv sync` could not fill {folder.relative_to(ROOT)} (its reason is above): check "
            "that the package registry can be reached, then run the same command again."
        )
    run_quietly([str(folder / "bin" / "python"), "-c", "import boto3"], "the new environment")


@contextmanager
def signals_held() -> Iterator[None]:
    """Let a signal to end wait until a process that is being started is known to us.

    Its handler raises wherever Python stands: in the middle of a start, nobody would end the child.
    """
    came: list[int] = []
    former = {
        number: signal.signal(number, lambda number, _frame: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    for held in came:
        signal.raise_signal(held)


def ended(process: subprocess.Popen[bytes]) -> int | None:
    """Its exit code, as soon as there is one; None after a while without."""
    try:
        return process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        return None


def read_stamp() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def write_stamp(installed: str) -> None:
    STAMP.write_text(json.dumps({"inputs": inputs_hash(), "set": installed}))


def inputs_hash() -> str:
    """A hash of everything that decides what is installed; the path too, as a venv cannot move."""
    digest = hashlib.sha256(os.fsencode(ROOT))
    for path in (
        ROOT / "pyproject.toml",
        ROOT / "uv.lock",
        *sorted(Path(__file__).parent.glob("setup*.py")),
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()
