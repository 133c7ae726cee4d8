"""The outbox: what is told to others of a task that has ended.

The consumer of the table's stream calls it before it remembers how far it has read, so that each
end is told at least once: when it raises, or when the consumer dies after it, the same ends come
again. Whatever it does must be harmless a second time.
"""

from collections.abc import Sequence
from typing import NamedTuple

from windrow.engine.engine import Engine
from windrow.model.records import Task


class Ended(NamedTuple):
    """A task as it ended, and the name of this end: the same text each time that it is told."""

    task: Task
    event: str


def outbox(engine: Engine, ended: Sequence[Ended]) -> None:
    """Tell others of these ends, in the order in which they were written. Raises to be repeated."""
