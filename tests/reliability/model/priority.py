"""Which waiting task a hint starts: engine/choose.py, with an index that lags and hints as tokens.

Each waiting task has a hint, and each hint starts one task, though not always its own. How a task
is claimed is the model of the task; here a claim is one step, and the question is whether one is
ever forgotten, and whether a worker that sees all of it starts the most urgent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

from tests.reliability.model.explore import Move

# A task. UNLISTED waits, but was early when it was queued: the index does not have it.
ABSENT, UNLISTED, LISTED, RUNNING, OVER = range(5)
WAITING = (UNLISTED, LISTED)
# Where a worker stands.
AWAY, QUERIES, TRIES, RUNS = range(4)

MUTANTS = {
    "index": "a hint starts its own task whatever is more urgent",
    "claim": "a task is started that another worker has started",
}
# Caught where the index does not lag and no sweeper helps: hints and tasks must then be in balance.
MUTANTS_WITHOUT_SWEEPER = {
    "enlist": "a task gives up its hint though the index does not have it",
    "stead": "a hint whose task was started by another's starts nothing",
    "retry": "a task that waits for its retry gets no hint",
}
# Caught where the index lags: what leaks is found by nobody else.
MUTANTS_WITH_LAG = {"sweeper": "nobody looks at what is due"}


class Worker(NamedTuple):
    """Where he stands, the task of his hint, whether it looks again, and whom he tries in order."""

    stands: int = AWAY
    own: int = 0
    is_second: bool = False
    tries: tuple[int, ...] = ()


class PriorityState(NamedTuple):
    """Tasks, what the index shows of them, their hints, the workers, and what may go wrong.

    `hints` is how many of each task were never received, `seconds` how many are to look again.
    """

    tasks: tuple[int, ...]
    shown: tuple[bool, ...]
    hints: tuple[int, ...]
    seconds: tuple[int, ...]
    workers: tuple[Worker, ...]
    retries: int
    deaths: int
    is_misled: bool


@dataclass(frozen=True)
class Priority:
    """Tasks of these priorities, submitted at any time; `retries` attempts raise."""

    priorities: tuple[int, ...] = (3, 2, 1)
    workers: int = 2
    retries: int = 1
    deaths: int = 1
    has_lag: bool = True
    has_sweeper: bool = True
    without: str = ""
    name: str = "priority"

    def start(self) -> PriorityState:
        count = len(self.priorities)
        return PriorityState(
            tasks=(ABSENT,) * count,
            shown=(False,) * count,
            hints=(0,) * count,
            seconds=(0,) * count,
            workers=(Worker(),) * self.workers,
            retries=self.retries,
            deaths=self.deaths,
            is_misled=False,
        )

    def moves(self, state: PriorityState) -> Iterator[Move[PriorityState]]:
        for label, after, is_fair in self._moves(state):
            yield label, after._replace(workers=tuple(sorted(after.workers))), is_fair

    def broken(self, before: PriorityState, after: PriorityState) -> str | None:
        if after.is_misled:
            return "a worker that saw all that waited did not try the most urgent first"
        running = [each.tries[0] for each in after.workers if each.stands == RUNS]
        if len(running) != len(set(running)):
            return "S2: a task was started twice"
        for old, new in zip(before.tasks, after.tasks, strict=True):
            if old == OVER and new != OVER:
                return "S1: what was over has changed"
        return None

    def has_ended(self, state: PriorityState) -> bool:
        is_quiet = not any((*state.hints, *state.seconds, *(w.stands for w in state.workers)))
        return is_quiet and all(task == OVER for task in state.tasks)

    def _moves(self, state: PriorityState) -> Iterator[Move[PriorityState]]:
        for task, stands in enumerate(state.tasks):
            yield from self._task(state, task, stands)
        for number, worker in enumerate(state.workers):
            if worker.stands == AWAY:
                yield from self._receives(state, number)
                continue
            yield from self._works(state, number, worker)
            if state.deaths:
                yield "a worker dies", self._died(state, number, worker), False

    def _task(self, state: PriorityState, task: int, stands: int) -> Iterator[Move[PriorityState]]:
        """Its submission, the index that catches up with it, and the sweeper that finds it."""
        if stands == ABSENT:
            yield f"task {task} is submitted", self._queued(state, task, LISTED), True
            return
        if state.shown[task] != (stands == LISTED):
            seen = _put(state.shown, task, stands == LISTED)
            yield f"the index catches up with {task}", state._replace(shown=seen), True
        is_orphan = stands == RUNNING and not _is_running(state, task)
        is_due = stands in WAITING or is_orphan
        is_hinted = state.hints[task] or state.seconds[task]
        if self.has_sweeper and self.without != "sweeper" and is_due and not is_hinted:
            hints = _put(state.hints, task, 1)
            yield f"the sweeper hints at {task}", state._replace(hints=hints), True

    def _queued(self, state: PriorityState, task: int, stands: int) -> PriorityState:
        hints = _put(state.hints, task, state.hints[task] + 1)
        return self._became(state._replace(hints=hints), task, stands)

    def _became(self, state: PriorityState, task: int, stands: int) -> PriorityState:
        """A task's next state; an index that does not lag shows it at once."""
        shown = state.shown if self.has_lag else _put(state.shown, task, stands == LISTED)
        return state._replace(tasks=_put(state.tasks, task, stands), shown=shown)

    def _receives(self, state: PriorityState, number: int) -> Iterator[Move[PriorityState]]:
        for task, count in enumerate(state.hints):
            if count:
                taken = state._replace(hints=_put(state.hints, task, count - 1))
                yield f"a hint of {task}", _with(taken, number, Worker(QUERIES, task)), True
        for task, count in enumerate(state.seconds):
            if count:
                taken = state._replace(seconds=_put(state.seconds, task, count - 1))
                to = Worker(QUERIES, task, is_second=True)
                yield f"a second look for {task}", _with(taken, number, to), True

    def _works(
        self, state: PriorityState, number: int, worker: Worker
    ) -> Iterator[Move[PriorityState]]:
        match worker.stands:
            case s if s == QUERIES:
                yield from self._queries(state, number, worker)
            case s if s == TRIES:
                yield from self._tries(state, number, worker)
            case _:
                task = worker.tries[0]
                done = _with(state, number, Worker())
                yield f"task {task} ends", self._became(done, task, OVER), True
                if state.retries:
                    waits = done._replace(retries=state.retries - 1)
                    if self.without == "retry":
                        waits = self._became(waits, task, UNLISTED)
                    else:
                        waits = self._queued(waits, task, UNLISTED)
                    yield f"task {task} raises", waits, False

    def _queries(
        self, state: PriorityState, number: int, worker: Worker
    ) -> Iterator[Move[PriorityState]]:
        """choose.choose: what outranks a hint's own task, then that; or else whatever waits."""
        own, stands = worker.own, state.tasks[worker.own]
        is_free = stands in WAITING or (stands == RUNNING and not _is_running(state, own))
        least = self.priorities[own] if is_free else 0
        found = [
            task
            for task, is_shown in enumerate(state.shown)
            if is_shown and task != own and self.priorities[task] > least
        ]
        if self.without == "index" or (self.without == "stead" and not is_free):
            found = []
        for order in self._orders(found):
            # Its own is tried before what is no more urgent; then whatever else is shown.
            others = [t for t, shown in enumerate(state.shown) if shown and t not in (*order, own)]
            rest = others if is_free and self.without not in ("index", "stead") else []
            tries = (*order, own, *rest) if is_free else order
            after = _with(state, number, worker._replace(stands=TRIES, tries=tries))
            if self._is_misled(state, tries):
                after = after._replace(is_misled=True)
            yield f"a worker queries for {own}", after, True

    def _orders(self, found: list[int]) -> Iterator[tuple[int, ...]]:
        """The most urgent first, equals in any order."""
        for order in permutations(found):
            ranks = [self.priorities[task] for task in order]
            if ranks == sorted(ranks, reverse=True):
                yield order

    def _is_misled(self, state: PriorityState, tries: tuple[int, ...]) -> bool:
        """Did it see the truth, and try something before the most urgent?"""
        truth = tuple(stands == LISTED for stands in state.tasks)
        if state.shown != truth or not any(truth):
            return False
        best = max(self.priorities[task] for task, is_listed in enumerate(truth) if is_listed)
        return not tries or self.priorities[tries[0]] < best

    def _tries(
        self, state: PriorityState, number: int, worker: Worker
    ) -> Iterator[Move[PriorityState]]:
        """Claim the first that can be claimed; a hint that finds nothing looks once more."""
        own = worker.own
        if not worker.tries:
            if worker.is_second:
                yield "a spare hint is acknowledged", _with(state, number, Worker()), True
            else:
                yield "a hint is to look again", self._again(state, number, worker), True
            return
        task, *left = worker.tries
        stands = state.tasks[task]
        is_free = stands in WAITING or (task == own and not _is_running(state, task))
        is_free = is_free and stands not in (ABSENT, OVER)
        if not is_free and not (self.without == "claim" and stands == RUNNING):
            to = worker._replace(tries=tuple(left))
            yield f"{task} is not to be had", _with(state, number, to), True
            return
        after = state
        gives_way = own in left and state.tasks[own] == UNLISTED
        if gives_way and self.without != "enlist":
            after = self._became(after, own, LISTED)
        after = self._became(after, task, RUNNING)
        to = Worker(RUNS, own, worker.is_second, (task,))
        yield f"{task} is started", _with(after, number, to), True

    def _died(self, state: PriorityState, number: int, worker: Worker) -> PriorityState:
        """Its hint comes back, as one that has been received before."""
        return self._again(state._replace(deaths=state.deaths - 1), number, worker)

    def _again(self, state: PriorityState, number: int, worker: Worker) -> PriorityState:
        seconds = _put(state.seconds, worker.own, state.seconds[worker.own] + 1)
        return _with(state._replace(seconds=seconds), number, Worker())


def _is_running(state: PriorityState, task: int) -> bool:
    return any(each.stands == RUNS and each.tries == (task,) for each in state.workers)


def _put[T](row: tuple[T, ...], place: int, value: T) -> tuple[T, ...]:
    return (*row[:place], value, *row[place + 1 :])


def _with(state: PriorityState, number: int, worker: Worker) -> PriorityState:
    return state._replace(workers=_put(state.workers, number, worker))
