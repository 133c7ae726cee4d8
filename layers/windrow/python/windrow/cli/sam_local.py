"""`windrow sam-local`: every function in a container, or a plain word that there is none."""

from windrow.local import containers, sam
from windrow.local.project import Project


def run(project: Project) -> int:
    """Invoke every function; 0 when all answered well, or when there is no engine to run them."""
    if not containers.engine_answers():
        print("sam local: not run, as no Docker engine answers (`docker info` fails).")
        return 0
    for line in sam.invoke_all(project):
        print(f"sam local: {line}", flush=True)
    return 0
