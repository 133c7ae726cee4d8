"""How urgent a waiting task is: a text that sorts the most urgent first."""

from datetime import datetime, timedelta
from enum import StrEnum

LOWEST, HIGHEST = 1, 10
# So much older is a task made by each level of its priority, where priorities age.
HEAD_START = timedelta(seconds=60)


class Mode(StrEnum):
    """How priority and age come together.

    strict  whatever has a higher priority comes first; a low one may wait for ever
    aging   each level is worth a minute of waiting; so every task's turn comes
    """

    STRICT = "strict"
    AGING = "aging"


def rank(mode: Mode, priority: int, queued: datetime) -> str:
    """Two digits for the level, thirteen for milliseconds: one form for both modes.

    So entries of both can stand in one index while one mode replaces the other.
    """
    if mode is Mode.STRICT:
        return _text(HIGHEST - priority, queued)
    return _text(0, queued - HEAD_START * priority)


def earlier(rank: str, by: timedelta) -> str:
    """The rank of whoever has waited longer by so much."""
    milliseconds = int(rank[3:16]) - by // timedelta(milliseconds=1)
    return f"{rank[:3]}{max(milliseconds, 0):013d}"


def _text(level: int, instant: datetime) -> str:
    # 13 digits last until the year 2286.
    return f"{level:02d}#{round(instant.timestamp() * 1000):013d}"
