"""The folder a function sees: its artifact, its layers, the runtime, and nothing of ours.

Lambda has them as /var/task, /opt and /var/runtime. Here they are folders of links: nothing is
copied, and layers share one folder as they do there.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

from tests.built.functions import Function
from windrow.local.clients import REGION
from windrow.local.machine import Machine

# AWS's client of the Runtime API. The SDK comes with the interpreter that set-up makes.
RUNTIME_CLIENT = "awslambdaric"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One function's folder."""

    root: Path

    @property
    def task(self) -> Path:
        return self.root / "task"

    @property
    def layers(self) -> Path:
        return self.root / "opt" / "python"

    @property
    def runtime(self) -> Path:
        return self.root / "runtime"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"

    def environment(self, function: Function, variables: Mapping[str, str]) -> dict[str, str]:
        """What Lambda gives a function, and what keeps it away from the developer's files."""
        return {
            **variables,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{Machine.here().runtime}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(int(function.timeout.total_seconds())),
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_REGION": REGION,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "test",
            "HOME": str(self.temporary),  # no ~/.aws of the developer
            "LAMBDA_RUNTIME_DIR": str(self.runtime),
            "LAMBDA_TASK_ROOT": str(self.task),
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            # Lambda's folders are read-only, and artifacts carry no bytecode: each start compiles.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": ":".join(map(str, (self.task, self.layers, self.runtime))),
            "TMPDIR": str(self.temporary),
            "TZ": ":UTC",
        }


@contextmanager
def sandboxed(function: Function, *, without: str | None = None) -> Iterator[Sandbox]:
    """A sandbox while the block runs; `without` leaves out what is so named in the artifact."""
    with tempfile.TemporaryDirectory(prefix="windrow-built-", ignore_cleanup_errors=True) as root:
        sandbox = Sandbox(Path(root))
        for folder in (sandbox.task, sandbox.layers, sandbox.runtime, sandbox.temporary):
            folder.mkdir(parents=True)
        _link(sandbox.task, function.code.iterdir())
        for layer in function.layers:
            _link(sandbox.layers, (layer / "python").iterdir())
        _link(sandbox.runtime, runtime_client())
        if without is not None:
            (sandbox.task / without).unlink()
        yield sandbox


def runtime_client() -> set[Path]:
    """The files and folders of AWS's runtime client and all that it needs, and no others.

    Found by what the distributions say of themselves, so a new dependency of theirs comes along.
    """
    wanted, seen = [RUNTIME_CLIENT], set[str]()
    found: set[Path] = set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        installed = distribution(name)
        tops = {file.parts[0] for file in installed.files or () if file.parts[0] != ".."}
        found |= {Path(str(installed.locate_file(top))) for top in tops - {"__pycache__"}}
        needs = map(Requirement, installed.requires or ())
        wanted += [need.name for need in needs if not need.marker or need.marker.evaluate()]
    return found


def _link(folder: Path, targets: Iterable[Path]) -> None:
    for target in targets:
        (folder / target.name).symlink_to(target)
