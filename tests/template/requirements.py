"""What a function carries, read twice: from its requirements.txt, and from the lock."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

PREFIX = "function-"
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")

# Lambda's python3.13 on arm64 is Amazon Linux 2023, which has glibc 2.34.
PLATFORMS = [f"manylinux_2_{minor}_aarch64" for minor in range(34, 16, -1)]
PLATFORMS.append("manylinux2014_aarch64")
LAMBDA: frozenset[Tag] = frozenset(cpython_tags((3, 13), platforms=PLATFORMS)) | frozenset(
    compatible_tags((3, 13), platforms=PLATFORMS)
)

type Lock = Mapping[str, Any]


def groups(pyproject: Path) -> dict[str, str]:
    """The dependency group of each function that has third-party code, by its folder."""
    declared = tomllib.loads(pyproject.read_text())["dependency-groups"]
    return {
        name.removeprefix(PREFIX).replace("-", "_"): name
        for name in declared
        if name.startswith(PREFIX)
    }


def pinned(text: str) -> dict[str, str]:
    """The version of each package in a requirements.txt."""
    return dict(PIN.findall(text))


def hashes(text: str) -> dict[str, set[str]]:
    """The hashes that pip will accept, by package."""
    starts = [*PIN.finditer(text)]
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return {
        start[1]: set(HASH.findall(text[start.end() : end]))
        for start, end in zip(starts, ends, strict=True)
    }


def locked(lock: Lock, group: str) -> dict[str, str]:
    """The version of each package that a dependency group brings, those it needs included."""
    packages = {package["name"]: package for package in lock["package"]}
    wanted = [*packages["windrow"]["dev-dependencies"][group]]
    found: dict[str, str] = {}
    while wanted:
        entry = wanted.pop()
        package = packages[entry["name"]]
        for extra in entry.get("extra", ()):
            wanted += package["optional-dependencies"][extra]
        if package["name"] not in found:
            found[package["name"]] = package["version"]
            wanted += package.get("dependencies", [])
    return found


def locked_hashes(lock: Lock, name: str) -> set[str]:
    """The hashes of every file of a package."""
    (package,) = (package for package in lock["package"] if package["name"] == name)
    files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
    return {file["hash"] for file in files}


def deployable(lock: Lock, name: str) -> list[str]:
    """The wheels of a package that Lambda can load: pure Python, or compiled for its arm64."""
    (package,) = (package for package in lock["package"] if package["name"] == name)
    names = (wheel["url"].rsplit("/", 1)[-1] for wheel in package.get("wheels", []))
    return [name for name in names if parse_wheel_filename(name)[-1] & LAMBDA]
