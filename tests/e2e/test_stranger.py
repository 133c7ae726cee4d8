"""What a stranger sees who clones the project and runs the first command of the README."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Where the interpreter lies that runs this, outside of any environment.
PYTHONS = Path(sys.base_prefix) / "bin"
# Settings without which a registry cannot be reached from some machines.
OF_THE_NETWORK = re.compile(r"(?i)proxy$|^(SSL|UV|PIP)_")


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """The last commit, in a folder with a space in its name."""
    folder = tmp_path / "a stranger"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    yield folder
    shutil.rmtree(folder)  # a whole environment, which pytest would keep for three runs


def environment(home: Path) -> dict[str, str]:
    """What it takes to find programs and the package registry; uv's cache is warm, and shared."""
    uv = ROOT / ".windrow" / "bin" / "uv"
    cache = subprocess.run([uv, "cache", "dir"], capture_output=True, text=True, check=True)
    home.mkdir()
    network = {name: value for name, value in os.environ.items() if OF_THE_NETWORK.search(name)}
    return network | {
        "HOME": str(home),
        "PATH": os.pathsep.join(map(str, (uv.resolve().parent, PYTHONS, os.environ["PATH"]))),
        "UV_CACHE_DIR": cache.stdout.strip(),
    }


def test_the_first_command_shows_250_countries_and_leaves_nothing_running(
    clone: Path, tmp_path: Path
) -> None:
    make = shutil.which("make")
    assert make is not None

    done = subprocess.run(
        [make, "demo"],
        cwd=clone,
        env=environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        timeout=240,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "250 of 250 countries" in done.stdout
    picture = clone / ".windrow" / "demo" / "summary.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    # Every process of a stack has a path below the clone in its command.
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True
    )
    assert [line for line in listed.stdout.splitlines() if str(clone) in line] == []
