"""Run by the functions' own interpreter: import a door, and look at its tasks' pools.

The last line on standard output is a list in JSON: what is wrong, empty if nothing is.
"""

import importlib
import json
import os
import sys
import traceback


def wrong(handler: str) -> list[str]:
    """What keeps a function from starting, or its tasks from being sent, as sentences."""
    module, _, name = handler.rpartition(".")
    try:
        door = importlib.import_module(module)
        getattr(door, name)
    # Whatever it raises, a function that does the same on AWS answers nothing.
    except BaseException as error:  # noqa: BLE001
        return [f"{type(error).__name__}: {error}{_where(error)}"]
    return _pools(vars(door))


def _where(error: BaseException) -> str:
    """The last line of code that ran, and that is somebody's: not the machinery of imports."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<frozen") and frame.filename != __file__
    ]
    named = [frame for frame in frames if f"{os.sep}importlib{os.sep}" not in frame.filename]
    return f" ({named[-1].filename}, line {named[-1].lineno})" if named else ""


def _pools(names: dict[str, object]) -> list[str]:
    """The tasks of a door whose pool has no queue; a door that sends nothing has no queue."""
    if "windrow.engine.registry" not in sys.modules:
        return []
    from windrow.engine.registry import Registry
    from windrow.settings import Settings

    queues = sorted(Settings.from_environment(os.environ).queues)
    registries = [value for value in names.values() if isinstance(value, Registry)]
    return [
        f"task {task.name!r} is for pool {task.pool!r}, and there are queues for {queues} only:"
        " each pool needs one, and a WINDROW_QUEUE_ of it in template.yaml"
        for registry in registries
        for task in registry
        if queues and task.pool not in queues
    ]


if __name__ == "__main__":
    print(f"\n{json.dumps(wrong(sys.argv[1]))}")  # noqa: T201 - this is its answer
