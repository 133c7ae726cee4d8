"""Children: the tasks that another one is made of, as its own rows show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from windrow.model.records import Failure, Progress, Task
from windrow.model.ref import Ref
from windrow.model.states import State

# What one task may be made of: ten consistent Queries of a hundred rows show all of them.
MOST_CHILDREN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A child as its parent's row has it, written in the transactions that begin and end the child.

    number  its place among its parent's children, from 0
    round   the round of its parent in which it began last
    """

    parent: Ref
    number: int
    ref: Ref
    name: str
    state: State
    round: int = 0
    error: Failure | None = None

    def has_ended(self, round_: int) -> bool:
        """Has it, in this round of its parent? What failed in an earlier one has yet to begin."""
        return self.state.is_over and (self.round == round_ or self.state is State.SUCCEEDED)

    def is_over_for(self, parent: Task) -> bool:
        """Need its parent wait for it no more?

        What failed in an earlier round has yet to begin, unless the parent is to end: then none of
        its children begins any more.
        """
        return self.has_ended(parent.round) or (self.state.is_over and is_stopping(parent))


def counted(children: Iterable[Child], parent: Task, total: int) -> Progress:
    """How many have ended, and how."""
    ended = [child.state for child in children if child.is_over_for(parent)]
    return Progress(
        total,
        succeeded=ended.count(State.SUCCEEDED),
        failed=ended.count(State.FAILED),
        cancelled=ended.count(State.CANCELLED),
    )


def is_stopping(parent: Task) -> bool:
    """Shall none of its children start any more?

    Somebody has asked to cancel it, or it cannot succeed any more, or it is over.
    """
    has_failed = parent.verdict in (State.FAILED, State.CANCELLED)
    return parent.cancel_requested is not None or has_failed or parent.state.is_over


def may_have_children(task: Task) -> bool:
    """Is it made of others, or has it begun any? Then it ends after them, by a worker's look."""
    return task.children > 0 or (task.phase is not None and task.phase.is_of_children)
