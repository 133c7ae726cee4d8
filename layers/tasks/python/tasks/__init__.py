"""The applications of this deployment. `from tasks import registry` names the tasks they declare.

The registry is made when it is first asked for: the polling door, which imports `tasks.status` and
nothing else, runs no task and need not pay for the modules of all of them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from windrow.engine.registry import Registry

registry: "Registry"


def __getattr__(name: str) -> "Registry":
    if name != "registry":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tasks.declared import registry

    return registry
