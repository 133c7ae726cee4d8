"""Finding uv, or installing it into this folder."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.setup_shell import SetupError, clean_environment, is_writable, output_of, say

VERSION = "0.13.9"
# The oldest that was tried with this project's lock file.
OLDEST = (0, 8, 0)


def find(home: Path) -> str:
    """The path of a uv that is new enough: the one on PATH, or our own in `home`."""
    own = home / "bin" / "uv"
    for candidate in (shutil.which("uv", path=clean_environment()["PATH"]), str(own)):
        if candidate and is_usable(candidate):
            return candidate
    install(home)
    return str(own)


def is_usable(uv: str) -> bool:
    said = re.match(r"uv (\d+)\.(\d+)\.(\d+)", output_of([uv, "--version"]) or "")
    return said is not None and tuple(map(int, said.groups())) >= OLDEST


def install(home: Path) -> None:
    """Put uv into a virtual environment of its own; nothing outside this folder changes."""
    say(f"installing uv {VERSION} into {home.parent.name}/{home.name}")
    if home.exists():
        shutil.rmtree(home)
    _step(
        [sys.executable, "-m", "venv", str(home)],
        "this python3 cannot make a virtual environment: install its venv module "
        "(on Debian and Ubuntu: `sudo apt install python3-venv`)",
    )
    # Without --only-binary, pip builds uv from its source where there is no wheel: half an hour.
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    _step(
        [*pip, "--only-binary", ":all:", f"uv=={VERSION}"],
        f"pip could not install uv {VERSION}: check that the package registry can be reached, "
        "or install uv yourself (https://docs.astral.sh/uv)",
    )


def choose_cache(uv: str, own: Path) -> None:
    """Let uv keep its cache in `own`, now and for packaging, if it cannot write the usual one."""
    usual = output_of([uv, "cache", "dir"])
    if usual is None or not is_writable(Path(usual)):
        say(f"uv cannot write its cache ({usual}); it gets one in {own.parent.name}/{own.name}")
        own.mkdir(parents=True, exist_ok=True)
        os.environ["UV_CACHE_DIR"] = str(own)


def _step(command: list[str], otherwise: str) -> None:
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise SetupError(f"{otherwise}. ({said[-1].strip() if said else 'No reason given.'})")
