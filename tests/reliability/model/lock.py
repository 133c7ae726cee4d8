"""The lock of a unique key: several callers submit at once, tasks end and begin again, and expire.

One task for each caller, as store/tasks.py begins and ends them and store/locks.py writes the lock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.reliability.model.explore import Move

# A task's record.
ABSENT, LIVE, OVER, GONE = range(4)
# A caller: what he does next; ANSWERED is told of his own task, MET of another's.
ASKS, READS, TAKES_OVER, ANSWERED, MET, DEAD = range(6)
NOBODY = -1

MUTANTS = {
    "take": "a caller takes the lock whoever holds it",
    "holder": "a caller takes a lock over without a look at its holder's task",
    "over": "a caller takes a lock over from a holder that was over when he looked",
    "release": "a task that ends does not free its lock",
    "owned up": "a caller whose answer was lost is told that nothing was stored",
}


class LockState(NamedTuple):
    """The table and every caller; `holder` is NOBODY where there is no item."""

    tasks: tuple[int, ...]
    holder: int
    is_released: bool
    callers: tuple[tuple[int, int], ...]
    faults: int
    rounds: int


def put[T](row: tuple[T, ...], place: int, value: T) -> tuple[T, ...]:
    """The same row with another value in one place."""
    return (*row[:place], value, *row[place + 1 :])


@dataclass(frozen=True)
class Lock:
    """`callers` submit a task with the same unique key; `faults` answers or callers are lost.

    `rounds` tasks that were over begin again by hand.
    """

    callers: int = 3
    faults: int = 2
    rounds: int = 1
    without: str = ""
    name: str = "lock"

    def start(self) -> LockState:
        callers = ((ASKS, NOBODY),) * self.callers
        return LockState((ABSENT,) * self.callers, NOBODY, False, callers, self.faults, self.rounds)

    def moves(self, state: LockState) -> Iterator[Move[LockState]]:
        for caller in range(self.callers):
            yield from self._called(state, caller)
            yield from self._worked(state, caller)
        yield from self._expired(state)

    def broken(self, before: LockState, after: LockState) -> str | None:
        if after.tasks.count(LIVE) > 1:
            return "S11: two tasks of one key are alive"
        for caller, (stands, _) in enumerate(after.callers):
            if stands == ANSWERED and after.tasks[caller] == ABSENT:
                return "S16: an accepted task is not there"
        for old, new in zip(before.tasks, after.tasks, strict=True):
            is_again = after.rounds < before.rounds
            if old in (OVER, GONE) and new == LIVE and not is_again:
                return "S1: a task that was over is alive"
        return None

    def has_ended(self, state: LockState) -> bool:
        """Nobody asks, nothing lives, and whoever came next would get the key (L4)."""
        is_quiet = all(stands >= ANSWERED for stands, _ in state.callers)
        return is_quiet and LIVE not in state.tasks and self._can_be_taken(state)

    def _can_be_taken(self, state: LockState) -> bool:
        if self._is_free(state) or self.without == "take":
            return True
        return state.tasks[state.holder] == GONE

    def _is_free(self, state: LockState) -> bool:
        """The condition of Locks.take."""
        return state.holder == NOBODY or state.is_released

    def _called(self, state: LockState, caller: int) -> Iterator[Move[LockState]]:
        """Tasks.begin, one call of AWS at a time."""
        stands, seen = state.callers[caller]
        match stands:
            case s if s == ASKS:
                may = self._is_free(state) or self.without == "take"
                yield from self._transaction(state, caller, "takes", may)
            case s if s == READS:
                yield self._read(state, caller, seen)
            case s if s == TAKES_OVER:
                may = state.holder == seen
                yield from self._transaction(state, caller, "takes over", may)
            case _:
                return
        if state.faults:
            dead = self._with(state, caller, DEAD)
            yield f"caller {caller} dies", dead._replace(faults=state.faults - 1), False

    def _transaction(
        self, state: LockState, caller: int, verb: str, may: bool
    ) -> Iterator[Move[LockState]]:
        """Put the task and take the lock: both or none; the answer may be lost."""
        label = f"caller {caller} {verb}"
        if not may:
            # The refusal shows who holds the lock.
            refused = self._with(state, caller, READS, state.holder)
            yield f"{label}: refused", refused, True
            return
        done = state._replace(
            tasks=put(state.tasks, caller, LIVE), holder=caller, is_released=False
        )
        yield label, self._with(done, caller, ANSWERED), True
        if state.faults:
            lost = done._replace(faults=state.faults - 1)
            # Tasks.begin reads the task again, and owns up to what is stored.
            told = ASKS if self.without == "owned up" else ANSWERED
            yield f"{label}: answer lost", self._with(lost, caller, told), False

    def _read(self, state: LockState, caller: int, seen: int) -> Move[LockState]:
        label = f"caller {caller} reads"
        if seen == NOBODY:
            return label, self._with(state, caller, ASKS), True
        if state.tasks[seen] == LIVE and self.without != "holder":
            return label, self._with(state, caller, MET, seen), True
        if state.tasks[seen] == OVER and self.without not in ("holder", "over"):
            # Its end has released the lock: only that tells whether it has begun again.
            return label, self._with(state, caller, ASKS), True
        return label, self._with(state, caller, TAKES_OVER, seen), True

    def _worked(self, state: LockState, task: int) -> Iterator[Move[LockState]]:
        """Tasks.end: the task's end and the release of its lock; and Tasks.begin_again."""
        if state.tasks[task] == OVER and state.rounds and self._is_free(state):
            again = state._replace(tasks=put(state.tasks, task, LIVE), rounds=state.rounds - 1)
            yield f"task {task} begins again", again._replace(holder=task, is_released=False), False
        if state.tasks[task] != LIVE:
            return
        ended = state._replace(tasks=put(state.tasks, task, OVER))
        if state.holder == task and self.without != "release":
            ended = ended._replace(is_released=True)
        yield f"task {task} ends", ended, True

    def _expired(self, state: LockState) -> Iterator[Move[LockState]]:
        """TTL: what is over is deleted, late, and never while a caller still looks at it."""
        watched = {seen for stands, seen in state.callers if stands in (READS, TAKES_OVER)}
        for task, stands in enumerate(state.tasks):
            if stands == OVER and task not in watched:
                gone = put(state.tasks, task, GONE)
                yield f"task {task} expires", state._replace(tasks=gone), False
        if state.holder != NOBODY and state.is_released:
            yield "the lock expires", state._replace(holder=NOBODY, is_released=False), False

    def _with(self, state: LockState, caller: int, stands: int, seen: int = NOBODY) -> LockState:
        return state._replace(callers=put(state.callers, caller, (stands, seen)))
