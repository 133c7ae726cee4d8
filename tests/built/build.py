"""`sam build` for this machine, done once for all tests and again only when something changed."""

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from windrow.local.machine import Machine, adapted
from windrow.local.project import Project
from windrow.local.template import read


class BuildFailed(Exception):
    """`sam build` did not build; its own words say why."""

    def __init__(self, said: str) -> None:
        super().__init__(f"`sam build` failed:\n{said}")


def build(project: Project) -> Path:
    """The template beside its built functions and layers.

    Workers of one test run share it by a lock. Nothing is built while no source has changed, so
    that a second run in the same folder does not take the artifacts away from under the first one.
    """
    home = project.home / "built"
    home.mkdir(parents=True, exist_ok=True)
    built = home / "build" / "template.yaml"
    stamp = home / "stamp"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        template = write_adapted(project.template, home / "template.json", Machine.here())
        wanted = _digest(project, template)
        if not (built.exists() and stamp.exists() and stamp.read_text() == wanted):
            stamp.unlink(missing_ok=True)
            _sam_build(project, home, template)
            stamp.write_text(wanted)
    return built


def write_adapted(source: Path, target: Path, machine: Machine) -> Path:
    """Write the template at `source`, adapted to a machine, to `target`; returns `target`.

    Written as JSON, which SAM reads as well: every short tag is spelt out, and nothing is lost.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(adapted(read(source), machine), indent=1), encoding="utf-8")
    return target


def _sam_build(project: Project, home: Path, template: Path) -> None:
    command = [sys.executable, "-m", "samcli", "build", "--template", str(template)]
    command += ["--base-dir", str(project.root), "--build-dir", str(home / "build")]
    command += ["--cached", "--cache-dir", str(home / "cache"), "--parallel"]
    # sam takes the first python3.x with pip that it finds on PATH: this environment's has it.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    with subprocess.Popen(
        command,
        env=os.environ | {"PATH": path, "SAM_CLI_TELEMETRY": "0"},
        # Beside its cache sam keeps packages in `.aws-sam/deps` of the folder it runs in.
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as sam:
        try:
            said, _ = sam.communicate()
        except BaseException:
            os.killpg(sam.pid, signal.SIGKILL)
            raise
    if sam.returncode != 0:
        raise BuildFailed(said)


def _digest(project: Project, template: Path) -> str:
    """A hash of all that decides what is built: sources, the template, and sam's own version."""
    digest = hashlib.sha256(os.fsencode(project.root))
    for path in (template, project.root / "uv.lock", *_sources(project.root)):
        digest.update(os.fsencode(path.relative_to(project.root)))
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    for folder in ("functions", "layers"):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
