"""The model of one plain task: what its workers do, and what everybody else does to it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.reliability.model import people, worker
from tests.reliability.model.explore import Move
from tests.reliability.model.task import TaskRules, TaskState


@dataclass(frozen=True)
class TaskModel(TaskRules):
    """A task's whole life, with every step that may come next."""

    def moves(self, state: TaskState) -> Iterator[Move[TaskState]]:
        for number in range(self.workers):
            yield from worker.moves(self, state, number)
        yield from people.moves(self, state)
