"""Running other programs during set-up, without what a developer's shell has lying around."""

import os
import subprocess
import tempfile
from pathlib import Path

# Each of these makes uv or Python look at another environment, or another project, than ours.
MISLEADING = {
    "CONDA_DEFAULT_ENV",
    "CONDA_PREFIX",
    "PYTHONHOME",
    "PYTHONPATH",
    "UV_CONSTRAINT",
    "UV_EXCLUDE_NEWER",
    "UV_FROZEN",
    "UV_LOCKED",
    "UV_NO_SYNC",
    "UV_OVERRIDE",
    "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "UV_SYSTEM_PYTHON",
    "UV_WORKING_DIRECTORY",
    "VIRTUAL_ENV",
}


class SetupError(Exception):
    """Set-up cannot go on; the message says why and what to do."""


def say(what: str) -> None:
    """Tell the person, in step with what uv and pip may say in between."""
    print(f"setup: {what}", flush=True)


def pyenv_root() -> Path | None:
    """Where pyenv keeps its things; None for a user without a home, who has none."""
    if named := os.environ.get("PYENV_ROOT"):
        return Path(named)
    try:
        return Path.home() / ".pyenv"
    except RuntimeError:
        return None


def clean_environment() -> dict[str, str]:
    """The caller's environment without what misleads uv.

    pyenv's shims leave PATH too: a shim of a version that is not selected fails, and uv takes that
    for an error instead of looking further.
    """
    root = pyenv_root()
    shims = str(root / "shims") if root else None
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    folders = kept.get("PATH", os.defpath).split(os.pathsep)
    return kept | {"PATH": os.pathsep.join(folder for folder in folders if folder != shims)}


def output_of(command: list[str], *, aloud: bool = False) -> str | None:
    """What the command prints, or None if it fails or does not exist; `aloud` tells why."""
    try:
        done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True)
    except OSError:
        return None
    if done.returncode != 0:
        if aloud:
            say(f"{Path(command[0]).name} said: {' '.join(done.stderr.split())}")
        return None
    return done.stdout.strip()


def is_writable(folder: Path) -> bool:
    """Can files be made there? The folder is made, as the program that asks would make it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def run_quietly(command: list[str], what: str) -> None:
    """Run the command; on failure raise SetupError with the last thing it said."""
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise SetupError(f"{what} does not work: {said}")
