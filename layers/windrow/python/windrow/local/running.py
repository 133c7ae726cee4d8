"""Where the local stack of a project runs, for other commands in the same folder."""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from windrow.local.errors import NothingRuns
from windrow.local.project import Project


@dataclass(frozen=True, slots=True)
class Running:
    """A local stack: the process that keeps it, its API, and its AWS."""

    pid: int
    url: str
    aws_endpoint: str


@contextlib.contextmanager
def announced(project: Project, url: str, aws_endpoint: str) -> Iterator[None]:
    """Let `find` find this stack until the block ends. Of two in one folder, the later one."""
    running = Running(os.getpid(), url, aws_endpoint)
    path = project.home / "stack.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(running)), encoding="utf-8")
    try:
        yield
    finally:
        if _read(project) == running:
            path.unlink(missing_ok=True)


def find(project: Project) -> Running:
    """The local stack that runs in this folder now. Raises NothingRuns."""
    running = _read(project)
    if running is None or not _is_alive(running.pid):
        raise NothingRuns(project.root)
    return running


def _read(project: Project) -> Running | None:
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Running(**json.loads((project.home / "stack.json").read_text(encoding="utf-8")))
    return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
