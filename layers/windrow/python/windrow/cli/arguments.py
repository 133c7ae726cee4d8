"""What operators type after a command's name, as values; a sentence where it is none."""

import json
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from windrow.model.ref import NAME
from windrow.model.states import State
from windrow.model.terms import MOST_RETRIES

DURATION = re.compile(r"(\d{1,6}(?:\.\d+)?)([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
PRIORITIES = range(1, 11)
ENDS = {"succeeded", "failed", "cancelled"}


def params(text: str) -> dict[str, Any]:
    """A JSON object: itself, the content of a file as `@file`, or standard input as `-`."""
    said = _content(text)
    try:
        given = json.loads(said)
    except ValueError as error:
        raise ArgumentTypeError(f"params are JSON, not {said[:200]!r} ({error})") from error
    if not isinstance(given, dict):
        raise ArgumentTypeError(f"params are a JSON object, not {said[:200]!r}")
    return given


def duration(text: str) -> timedelta:
    """A number with its unit."""
    found = DURATION.fullmatch(text)
    if found is None:
        raise ArgumentTypeError(f"a time is given as 90s, 15m, 2h or 7d, not {text!r}")
    return timedelta(**{UNITS[found[2]]: float(found[1])})


def priority(text: str) -> int:
    """A number from 1 to 10."""
    if not text.isdecimal() or int(text) not in PRIORITIES:
        raise ArgumentTypeError(f"a priority is a whole number from 1 to 10, not {text!r}")
    return int(text)


def retries(text: str) -> int:
    """A number from 0 to 10."""
    if not text.isdecimal() or int(text) > MOST_RETRIES:
        raise ArgumentTypeError(f"retries are a whole number from 0 to {MOST_RETRIES}")
    return int(text)


def limit(text: str) -> int:
    """How many are shown."""
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise ArgumentTypeError(f"a limit is a whole number from 1 to 100000, not {text!r}")
    return int(text)


def states(text: str) -> frozenset[State]:
    """States, separated by commas."""
    try:
        return frozenset(map(State, text.split(",")))
    except ValueError:
        known = ", ".join(State)
        raise ArgumentTypeError(f"a state is one of {known}, not {text!r}") from None


def moment(text: str) -> timedelta | datetime:
    """An instant in RFC 3339, or how long ago it was."""
    if DURATION.fullmatch(text):
        return duration(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        expected = "an instant with its zone (2026-01-15T10:30:00Z), or how long ago (2h, 7d)"
        raise ArgumentTypeError(f"a time is {expected}, not {text!r}")
    return found


def number(text: str) -> int:
    """The number of an item of a map."""
    if not text.isdecimal() or len(text) > 7:
        raise ArgumentTypeError(f"items are numbered 0, 1, 2 ..., not {text!r}")
    return int(text)


def names(text: str) -> list[str]:
    """Names with commas between them; none for an empty text."""
    return [name.strip() for name in text.split(",") if name.strip()]


def ends(text: str) -> list[str]:
    """How tasks end."""
    found = names(text)
    if not found or not set(found) <= ENDS:
        raise ArgumentTypeError(f"an end is one of {', '.join(sorted(ENDS))}, not {text!r}")
    return found


def tenant(text: str) -> str:
    """The name of a tenant."""
    if not NAME.fullmatch(text):
        raise ArgumentTypeError(f"this is no name of a tenant: {text!r}")
    return text


def task_id(text: str) -> str:
    """The id of a task: its letters are capitals, and what is typed in small ones is the same."""
    if not NAME.fullmatch(text):
        raise ArgumentTypeError(f"this is no id: {text!r}")
    return text.upper()


def schedule_id(text: str) -> str:
    """The id of a schedule."""
    if not NAME.fullmatch(text.replace(".", "-")):
        raise ArgumentTypeError(f"this is no id of a schedule: {text!r}")
    return text


def instant(text: str) -> datetime:
    """A time with its zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.min  # noqa: DTZ901 - it has no zone, which is refused below
    if found.tzinfo is None:
        raise ArgumentTypeError(f"a time is given as 2026-03-01T06:00:00Z, not {text!r}")
    return found


def of_an_application(command: ArgumentParser) -> None:
    """The option of a command that has to know the tasks."""
    command.add_argument(
        "--app",
        default="tasks",
        metavar="MODULE",
        help="where the registry of tasks is, below layers/*/python; default: tasks",
    )


def _content(text: str) -> str:
    if text != "-" and not text.startswith("@"):
        return text
    try:
        if text == "-":
            return sys.stdin.read()
        return Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ArgumentTypeError(f"the params could not be read ({error})") from error
