"""The names by which seed 004 knows tasks: their types, and what stands before each name."""

from collections.abc import Iterable

# What the seed's task_name begins with; Windrow's own names have nothing there.
PREFIX = "afirgen_tasks."
# The first word of a task's name to seed 004's task_type.
TYPES = {"email": "email", "reports": "report", "analytics": "analytics", "cleanup": "cleanup"}
# What a task of each type has if nobody says its priority.
PRIORITIES = {"email": 3, "report": 5, "analytics": 2, "cleanup": 1}


def task_type(name: str) -> str:
    """The type of a task; one that is of none of the seed's four is of its name's first word."""
    first = name.partition(".")[0]
    return TYPES.get(first, first)


def is_typed(name: str) -> bool:
    """Is a task of this name, in Windrow's words, of one of the seed's four types?"""
    return name.partition(".")[0] in TYPES


def task_name(name: str) -> str:
    """A task's name as the seed has it; a task that is of none of its types keeps its own."""
    return PREFIX + name if is_typed(name) else name


def of_type(wanted: str, names: Iterable[str]) -> frozenset[str]:
    """Those of these names, in Windrow's words, that are of a type of the seed's."""
    return frozenset(name for name in names if is_typed(name) and task_type(name) == wanted)


def own_name(given: str) -> str:
    """A name as Windrow has it, with or without what the seed begins it with."""
    return given.removeprefix(PREFIX)
