"""Making the artifacts of functions and layers for this machine, without Docker and without sam.

An artifact is what AWS would get: the folder of CodeUri or ContentUri and the packages of its
requirements.txt, in one zip. It is made again only when something in it changed, and the same
content always makes the same bytes. Unlike on AWS the packages are of this machine's processor.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from windrow.local.errors import PackagingFailed
from windrow.local.project import Project

# Part of every hash: another layout, interpreter or processor makes other artifacts.
_MAKER = f"2 {sys.implementation.cache_tag} {sysconfig.get_platform()}"
# What has not been used for so long is removed. Two launchers may work in one folder at once, and
# each uploads an artifact within minutes; installed packages save whoever changes branches a wait.
_KEPT = {
    "*.zip": timedelta(hours=1),
    "packages-*": timedelta(days=7),
    "tmp*": timedelta(days=7),  # what a launcher that was killed left behind
}
# Each makes uv look at another environment, or choose other packages, than the locked ones.
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
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_CODE_PROPERTIES = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A resource of the template whose code lies in a folder; `prefix` is where the zip puts it."""

    logical_id: str
    uri_property: str
    folder: Path
    prefix: str

    @property
    def requirements(self) -> Path:
        return self.folder / "requirements.txt"


def sources(template: dict[str, Any], root: Path) -> list[Source]:
    """The functions and layers of the template whose code lies in a folder here."""
    found = []
    for logical_id, resource in template.get("Resources", {}).items():
        name = _CODE_PROPERTIES.get(resource.get("Type"))
        uri = resource.get("Properties", {}).get(name) if name else None
        if name is None or not isinstance(uri, str) or "://" in uri:
            continue
        # As `sam build` does: a layer that names a BuildMethod gives the inside of `python/`.
        is_built_layer = name == "ContentUri" and "BuildMethod" in resource.get("Metadata", {})
        found.append(Source(logical_id, name, root / uri, "python" if is_built_layer else ""))
    return found


def build(project: Project, wanted: Iterable[Source]) -> dict[str, Path]:
    """The artifact of each source by logical id; those that changed are made, at once."""
    folder = project.home / "build"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = list(wanted)
    # One source may serve two functions, and three functions may ask for the same packages.
    lists = {read_requirements(source): source.requirements for source in wanted}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        installed = dict(
            zip(
                lists,
                pool.map(lambda pair: _installed(project, folder, *pair), lists.items()),
                strict=True,
            )
        )
    made: dict[tuple[Path, str], Path] = {}
    for source in wanted:
        key = (source.folder, source.prefix)
        if key not in made:
            made[key] = _zipped(project, folder, source, installed[read_requirements(source)])
    _forget(folder)
    return {source.logical_id: made[source.folder, source.prefix] for source in wanted}


def environment(caller: Mapping[str, str], home: Path) -> dict[str, str]:
    """The environment in which uv installs: the caller's, without what misleads it."""
    kept = {name: value for name, value in caller.items() if name not in MISLEADING}
    cache = home / "cache"  # made by set-up where uv cannot write its usual one
    return kept | ({"UV_CACHE_DIR": str(cache)} if cache.is_dir() else {})


def read_requirements(source: Source) -> bytes:
    return source.requirements.read_bytes() if source.requirements.is_file() else b""


def packages(project: Project, source: Source) -> Path | None:
    """The folder with the packages of a source that was built; None where it asks for none."""
    return _packages(project.home / "build", read_requirements(source))


def _packages(folder: Path, requirements: bytes) -> Path | None:
    if not requirements.strip():
        return None
    return folder / f"packages-{hashlib.sha256(_MAKER.encode() + requirements).hexdigest()[:16]}"


def fingerprint(source: Source) -> str:
    """A hash of everything that goes into the artifact; changes when any of it does."""
    digest = hashlib.sha256(f"{_MAKER} {source.prefix}".encode())
    for path in _files(source.folder):
        name = path.relative_to(source.folder).as_posix()
        content = path.read_bytes()
        digest.update(f"{name} {len(content)} ".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _installed(project: Project, folder: Path, requirements: bytes, path: Path) -> Path | None:
    """The folder with these packages, installed and compiled now unless it was before."""
    target = _packages(folder, requirements)
    if target is None or _is_there(target):
        return target
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        command = [str(project.uv()), "pip", "install", "--quiet", "--no-progress"]
        command += ["--python", str(project.python()), "--target", scratch]
        done = subprocess.run(
            [*command, "--requirement", str(path)],
            env=environment(os.environ, project.home),
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise PackagingFailed(path, " ".join(done.stderr.split()))
        _compile(project, Path(scratch))
        _publish(Path(scratch), target)
    return target


def _zipped(project: Project, folder: Path, source: Source, packages: Path | None) -> Path:
    name = source.folder.name if not source.prefix else source.folder.parent.name
    target = folder / f"{name}-{fingerprint(source)}.zip"
    if _is_there(target):
        return target
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        own = Path(scratch) / "own"
        shutil.copytree(source.folder, own, ignore=shutil.ignore_patterns("__pycache__"))
        _compile(project, own)
        content = {path.relative_to(own): path for path in _files(own, compiled=True)}
        if packages is not None:
            beside = ((p.relative_to(packages), p) for p in _files(packages, compiled=True))
            content = dict(beside) | content
        draft = Path(scratch) / "draft.zip"
        _write_zip(draft, source.prefix, content)
        draft.rename(target)
    return target


def _is_there(target: Path) -> bool:
    """Was it made before? It is marked as used now, so that nobody takes it for outdated."""
    try:
        os.utime(target)
    except FileNotFoundError:
        return False
    return True


def _forget(folder: Path) -> None:
    """Remove what nobody has used for long; another launcher may be doing the same."""
    for pattern, age in _KEPT.items():
        oldest = time.time() - age.total_seconds()
        for path in folder.glob(pattern):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime > oldest:
                    continue
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()


def _write_zip(path: Path, prefix: str, content: dict[Path, Path]) -> None:
    """Write the files in order, with one date: the same content makes the same bytes."""
    # Stored, not deflated: it travels over loopback once, and is unpacked at each cold start.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo((Path(prefix) / name).as_posix(), _ZIP_DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content[name].read_bytes())


def _compile(project: Project, folder: Path) -> None:
    """Compile the folder so that a cold start does not.

    Unpacking gives each file the date of that moment, which would make a .pyc of the usual kind
    outdated; one of this kind is taken as it is. Files that do not compile are left as they are.
    """
    command = [str(project.python()), "-m", "compileall", "-qq", "--invalidation-mode"]
    # The folder's own name stays out of the result; the importer puts the real one in.
    subprocess.run([*command, "unchecked-hash", "-s", str(folder), str(folder)], check=False)


def _publish(draft: Path, target: Path) -> None:
    """Give the finished folder its name in one step; a second builder's copy is as good."""
    ready = draft / "ready"
    ready.mkdir()
    for entry in list(draft.iterdir()):
        if entry != ready:
            entry.rename(ready / entry.name)
    try:
        ready.rename(target)
    except OSError:
        if not target.is_dir():
            raise


def _files(folder: Path, *, compiled: bool = False) -> Iterator[Path]:
    """The files below the folder, in a fixed order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (compiled or "__pycache__" not in path.parts):
            yield path
