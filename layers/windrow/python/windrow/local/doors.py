"""Whether each function can start at all: found out before anybody is told that the stack is up.

A function is first imported when it is first called. Without this, what it lacks would be found by
whoever sends a request, in a worker's log, far from the cause.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from windrow.local import package
from windrow.local.clients import REGION, Clients
from windrow.local.errors import CannotStart
from windrow.local.package import Source
from windrow.local.project import Project

PROBE = Path(__file__).parent / "probe.py"
# Of the launcher's own environment; the rest is the function's.
KEPT = ("LANG", "LD_LIBRARY_PATH", "PATH", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Door:
    """A function as Lambda will start it: its folder, what it can import, its environment."""

    folder: Path
    handler: str
    path: tuple[Path, ...]
    environment: Mapping[str, str]


def check(
    project: Project, sources: Iterable[Source], clients: Clients, names: Mapping[str, str]
) -> None:
    """Import every function of a deployed stack. Raises CannotStart, with all that is wrong.

    `names` are the functions and layers by logical id. Two functions of one folder are one door.
    """
    doors = {door.folder: door for door in deployed(project, list(sources), clients, names)}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        answers = pool.map(lambda door: wrong(project.python(), door), doors.values())
        found = [
            f"{door.folder.relative_to(project.root)}: {each}"
            for door, answer in zip(doors.values(), answers, strict=True)
            for each in answer
        ]
    if found:
        raise CannotStart(found)


def deployed(
    project: Project, sources: list[Source], clients: Clients, names: Mapping[str, str]
) -> list[Door]:
    """The functions as they were deployed, with their code where it lies in the project."""
    layers = {
        arn: source.folder if source.prefix else source.folder / "python"
        for source in sources
        if source.uri_property == "ContentUri"
        for logical_id, arn in names.items()
        # SAM's transform names a version of a layer anew whenever its content changes.
        if re.fullmatch(rf"{source.logical_id}([0-9a-f]{{10}})?", logical_id)
    }
    found = []
    for source in sources:
        if source.uri_property == "ContentUri":
            continue
        name = names[source.logical_id]
        configuration = clients["lambda"].get_function_configuration(FunctionName=name)
        packages = package.packages(project, source)
        own = [source.folder, *([packages] if packages else [])]
        shared = [layers[each["Arn"]] for each in configuration.get("Layers", [])]
        variables = configuration.get("Environment", {}).get("Variables", {})
        found.append(
            Door(source.folder, configuration["Handler"], (*own, *shared), dict(variables))
        )
    return found


def wrong(python: Path, door: Door) -> list[str]:
    """What keeps a function from starting: it is imported by the functions' own interpreter."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    done = subprocess.run(
        # Without the folder of the script: its modules would hide others of the same name.
        [str(python), "-P", str(PROBE), door.handler],
        cwd=door.folder,
        env={
            **kept,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **door.environment,
            "PYTHONPATH": os.pathsep.join(map(str, door.path)),
        },
        capture_output=True,
        text=True,
    )
    try:
        answer: list[str] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        last = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        return [last[-1]]
    return answer
