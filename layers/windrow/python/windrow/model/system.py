"""The tasks that Windrow submits itself: they make no events, and callers' lists leave them out."""

WEBHOOK = "webhook.deliver"
NAMES = frozenset({WEBHOOK})


def is_system(name: str) -> bool:
    """Is a task of this name the library's own?"""
    return name in NAMES
