"""Finding a CPython to work with: 3.13 as on AWS, else 3.12 with a notice."""

import re
from pathlib import Path

from scripts.setup_shell import SetupError, output_of, pyenv_root, say

VERSION = "3.13"
FALLBACK = "3.12"

# A Python built without the headers of these is found often, and fails late and unclearly.
_QUESTION = """
import ctypes, ssl, sys, sysconfig, zlib
free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
print(sys.implementation.name, "%d.%d" % sys.version_info[:2], free_threaded)
"""


def find(uv: str) -> str:
    """The path of a CPython 3.13 that lies here or can be fetched, else of a 3.12 that is here."""
    python = installed(uv, VERSION) or fetched(uv, VERSION)
    if python is not None:
        return python
    python = installed(uv, FALLBACK)
    if python is None:
        raise SetupError(
            f"there is no CPython {VERSION} or {FALLBACK} on this machine and uv could not "
            f"download one: install Python {VERSION} (from python.org, pyenv or your system), then "
            "run the same command again."
        )
    say(
        f"no CPython {VERSION} could be found or downloaded; working with {FALLBACK}. "
        f"`make build`, which builds for AWS, needs {VERSION}."
    )
    return python


def installed(uv: str, version: str) -> str | None:
    """A CPython of this version on this machine, wherever uv or pyenv keeps it."""
    found = output_of([uv, "python", "find", "--system", "--no-project", "--offline", version])
    candidates = [Path(found)] if found else []
    if root := pyenv_root():
        candidates += in_pyenv(root / "versions", version)
    return next((str(path) for path in candidates if is_usable(path, version)), None)


def in_pyenv(versions: Path, version: str) -> list[Path]:
    """The interpreters of this version in pyenv's folder, newest first, on PATH or not."""
    pattern = re.compile(re.escape(version) + r"\.(\d+)")
    if not versions.is_dir():
        return []
    matches = [
        (match, path) for path in versions.iterdir() if (match := pattern.fullmatch(path.name))
    ]
    matches.sort(key=lambda pair: int(pair[0].group(1)), reverse=True)
    return [path / "bin" / "python" for _, path in matches]


def is_usable(python: Path, version: str) -> bool:
    """Is this a complete CPython of that version, with its lock? Free-threaded ones lack wheels."""
    return output_of([str(python), "-I", "-c", _QUESTION]) == f"cpython {version} False"


def fetched(uv: str, version: str) -> str | None:
    """Let uv download this version, beside the ones it may already have for other projects."""
    say(f"no CPython {version} found here; asking uv to download one")
    if output_of([uv, "python", "install", "--no-bin", version], aloud=True) is None:
        return None
    return installed(uv, version)
