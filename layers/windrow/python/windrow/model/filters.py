"""Which tasks a list is to show: filters that combine, each of them left out or met."""

import json
from dataclasses import dataclass
from datetime import datetime

from windrow.errors import InvalidOption
from windrow.model.records import Task
from windrow.model.states import State
from windrow.model.system import NAMES, is_system

# What one condition of DynamoDB compares a value with.
MOST_NAMES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a task must be to be listed; None, and no states, leave something open.

    name            what it is declared as; Windrow's own tasks are listed only by their names
    names           any of these, up to 100
    states          any of these
    priority        what it has now, 1 to 10
    error           the kind that it ended with, such as "TimeoutError"; only what is over has one
    parent          the id of the task whose child it is
    schedule        the id of the schedule that started it
    created_after   created at this instant or later
    created_before  created earlier than this instant
    """

    name: str | None = None
    names: frozenset[str] = frozenset()
    states: frozenset[State] = frozenset()
    priority: int | None = None
    error: str | None = None
    parent: str | None = None
    schedule: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None

    def __post_init__(self) -> None:
        if len(self.names) > MOST_NAMES:
            raise InvalidOption("names", f"at most {MOST_NAMES} of them", len(self.names))

    def match(self, task: Task) -> bool:
        """Does a task, as it stands, meet every filter?"""
        return (
            self.name in (None, task.name)
            and (not self.names or task.name in self.names)
            and (not self.states or task.state in self.states)
            and self.priority in (None, task.priority)
            and self.error in (None, ended_with(task))
            and self.parent in (None, task.parent)
            and self.schedule in (None, task.schedule)
            and (self.created_after is None or task.created >= self.created_after)
            and (self.created_before is None or task.created < self.created_before)
        )

    @property
    def standings(self) -> tuple[str, ...]:
        """Where in the index such tasks may be."""
        wanted = self.states or frozenset(State)
        if self.error is not None:
            wanted = frozenset(state for state in wanted if state.is_over)
        names = [self.name] if self.name else sorted(self.names) or [""]
        each = (standing(name, state) for name in names for state in State if state in wanted)
        return tuple(dict.fromkeys(each))

    @property
    def is_told_by_records(self) -> bool:
        """Does the index know too little? It does not tell what runs from what waits."""
        return len(self.states & {State.QUEUED, State.RUNNING}) == 1

    def __str__(self) -> str:
        """The same text for the same filters: what a cursor is bound to."""
        return json.dumps(
            [
                self.name,
                *([sorted(self.names)] if self.names else []),
                sorted(self.states),
                self.priority,
                self.error,
                self.parent,
                self.schedule,
                self.created_after and self.created_after.timestamp(),
                self.created_before and self.created_before.timestamp(),
            ]
        )


def standing(name: str, state: State) -> str:
    """Under what a task is listed: as active until it ends, so that a claim moves nothing.

    Windrow's own tasks stand apart: who lists his tasks neither sees them nor reads past them.
    """
    how = state if state.is_over else "active"
    return f"system-{how}" if is_system(name) else how


def every_standing() -> tuple[str, ...]:
    """Under what tasks may be listed, Windrow's own among them."""
    names = ("", *sorted(NAMES))
    return tuple(dict.fromkeys(standing(name, state) for name in names for state in State))


def ended_with(task: Task) -> str | None:
    """The kind of the error of a task that is over; what waits for another attempt may yet have
    none.
    """
    return task.error.kind if task.error and task.state.is_over else None
