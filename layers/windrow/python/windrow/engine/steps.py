"""Steps: parts of a task that are not done again by its next attempt."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from windrow.engine.attempt import Attempt
from windrow.engine.signals import interruptions
from windrow.errors import Misused
from windrow.model.payload import memo_text

LONGEST_NAME = 200
# DynamoDB takes 100 parts a transaction; the marker and the check of the fence are two of them.
MOST_WRITES = 98


def once(attempt: Attempt, name: str, function: Callable[[], Any]) -> Any:
    """The answer of `function`, which an earlier attempt may have got already."""
    step = _named(attempt, name)
    with interruptions():
        known = attempt.steps.memo(attempt.record, step)
    if known is not None:
        return json.loads(known)
    value = function()
    if hasattr(value, "__await__"):
        raise Misused(f"Step {name!r}: once() takes a plain function, not a coroutine function.")
    memo = memo_text(value)
    with interruptions():
        # Of two threads with one name the first to store wins, and both answer the same.
        stands = attempt.steps.mark(attempt.record, step, memo)
    return json.loads(memo if stands is None else stands)


def transact(attempt: Attempt, name: str, writes: Sequence[Mapping[str, Any]]) -> bool:
    """Make writes exactly once: True when they are made now, False when they were before."""
    step = _named(attempt, name)
    if len(writes) > MOST_WRITES:
        raise ValueError(f"Step {name!r} has {len(writes)} writes; a transaction holds 98.")
    if step in attempt.done:
        raise Misused(
            f"Step {name!r} is done by this very attempt: each transact() needs a name of its own."
        )
    with interruptions():
        stands = attempt.steps.mark(attempt.record, step, "null", writes)
    attempt.done.add(step)
    return stands is None


def _named(attempt: Attempt, name: str) -> str:
    """A step's name as it is stored: the phases of a map share a record, and no steps."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise ValueError(f"A step needs a name of 1 to 200 characters, not {name!r}.")
    return f"{attempt.phase}#{name}" if attempt.phase else name
