"""Tasks of the library's own: no author declares them, and none of them runs anybody's code."""

from datetime import timedelta

from windrow.engine.definition import Definition

# No application's task has a name that begins so.
RESERVED = "windrow."
GROUP = f"{RESERVED}group"
CHAIN = f"{RESERVED}chain"


def _never() -> None:
    raise AssertionError("a group and a chain are made of others' tasks: they run no function")


SYSTEM = {
    name: Definition(name=name, function=_never, deadline=timedelta(days=1))
    for name in (GROUP, CHAIN)
}
