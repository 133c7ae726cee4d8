"""The states of a task, and of a chunk, with the legal moves between them."""

from enum import StrEnum

from windrow.errors import IllegalMove


class State(StrEnum):
    """Where a task stands. docs/states.md draws the moves."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Has it ended? What has ended stays as it is, unless a person lets it begin again."""
        return not MOVES[self]

    def to(self, after: "State") -> "State":
        """The state after this move; raises IllegalMove where there is none."""
        if after not in MOVES[self]:
            raise IllegalMove(self, after)
        return after

    def again(self) -> "State":
        """The state of what begins again, because somebody asked for it; raises IllegalMove."""
        if self not in BEGIN_AGAIN:
            raise IllegalMove(self, State.QUEUED)
        return State.QUEUED


# Only by an explicit request: what failed or was cancelled; and a map, or a chunk of one, that
# succeeded but for some of its items.
BEGIN_AGAIN = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})

MOVES: dict[State, frozenset[State]] = {
    # To failed: the deadline passed before any worker came. To succeeded: it passed when only a
    # best-effort finish was left.
    State.QUEUED: frozenset({State.RUNNING, State.SUCCEEDED, State.FAILED, State.CANCELLED}),
    # To running: a takeover after the lease ran out. To queued: a retry, or a map's next phase.
    State.RUNNING: frozenset(
        {State.RUNNING, State.QUEUED, State.SUCCEEDED, State.FAILED, State.CANCELLED}
    ),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}


class Phase(StrEnum):
    """What a map is doing, or a task that is made of others; any other task has no phase.

    make      its children are being made, or begin again
    children  nobody works on it: it waits for its children
    """

    PLAN = "plan"
    CHUNKS = "chunks"
    FINISH = "finish"
    MAKE = "make"
    CHILDREN = "children"

    @property
    def is_of_children(self) -> bool:
        """Is it one of a task that is made of others?"""
        return self in (Phase.MAKE, Phase.CHILDREN)
