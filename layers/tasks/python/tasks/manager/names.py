"""The names by which seed 004 knows tasks: their types, and what stands before each name."""

# What the seed's task_name begins with; Windrow's own names have nothing there.
PREFIX = "afirgen_tasks."
# The first word of a task's name to seed 004's task_type.
TYPES = {"email": "email", "reports": "report", "analytics": "analytics", "cleanup": "cleanup"}


def task_type(name: str) -> str:
    """The type of a task; one that is of none of the seed's four is of its name's first word."""
    first = name.partition(".")[0]
    return TYPES.get(first, first)


def task_name(name: str) -> str:
    """A task's name as the seed has it; a task that is of none of its types keeps its own."""
    return PREFIX + name if name.partition(".")[0] in TYPES else name
