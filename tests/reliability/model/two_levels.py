"""A map in two levels: chunks report to groups, groups to the map, and it is finished once.

As engine/expand.py writes the rows and engine/gather.py moves it on. How one record is claimed and
settled is the model of the task; here an attempt at a chunk is one step, and what is looked at is
who sees what between the storing of an outcome and the finish.
"""

from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

# The map's phase.
PLAN, CHUNKS, FINISH, DONE = range(4)
# A chunk; and a group: closed ones are CLOSED plus how many of its chunks succeeded.
ABSENT, OPEN, FAILED, SUCCEEDED = range(4)
CLOSED = 2
# Where a worker stands: what he does next.
AWAY, RUNS, SCANS, CLOSES, LOOKS, SUMS, MOVES_ON, EXPANDS, OPENS, FINISHES, ACKNOWLEDGES = range(11)

MUTANTS = {
    "rows": "a group is closed though some of its chunks are not written yet",
    "scan": "a group is closed without a look at its chunks",
    "phase": "a map is moved on before all of its groups are written",
    "groups": "a map is moved on without a look at its groups",
    "create": "a row that is there already is written again",
    "fence": "a map is moved on whatever it has become meanwhile",
    "outcome": "an outcome is stored over another one",
    "finish": "a finish is stored whoever owns the map",
}
# Caught where a map may end before its time: cancelled, or at its deadline.
MUTANTS_THAT_END = {
    "whole": "a group of a map that is over waits for chunks that nobody will write",
    "ended": "a chunk of a map that is over is left as it is",
}
# Caught where no sweeper helps: once it is expanded, a map needs none unless hints are lost.
MUTANTS_WITHOUT_SWEEPER = {
    "order": "a worker looks at the group before it stores its chunk's outcome",
    "over": "a hint of a chunk that is over is acknowledged without a look at its group",
    "stale": "a worker looks at its group with a read that may be late",
    "up": "a group that is found closed is not reported to its map",
}


class Worker(NamedTuple):
    """Where he stands; the chunk or group he is at; the attempt he owns or saw; what he counted."""

    stands: int = AWAY
    place: int = 0
    attempt: int = 0
    counted: int = 0
    hint: int = -1


class MapState(NamedTuple):
    """The rows, who works, and what may go wrong; `hints` are those of chunks."""

    phase: int
    attempt: int
    is_held: bool
    counted: int
    chunks: tuple[int, ...]
    groups: tuple[int, ...]
    workers: tuple[Worker, ...]
    hints: tuple[bool, ...]
    has_task_hint: bool
    is_ended: bool
    finishes: int
    deaths: int
    zombies: int


@dataclass(frozen=True)
class MapRules:
    """A map with `sizes` chunks in its groups.

    With the sweeper a hint may come at any time, for any record, any number of times: which is all
    that duplicates, losses, redrives and the sweeper amount to. Without it, the map is expanded,
    and each chunk has the one hint that it was sent; it comes back when its worker dies.

    With `can_end` the map may be cancelled or given up at any moment; then nobody counts any more,
    but what was written must come to its end all the same.
    """

    sizes: tuple[int, ...] = (2, 2)
    workers: int = 2
    deaths: int = 1
    zombies: int = 1
    has_sweeper: bool = True
    can_end: bool = False
    without: str = ""
    name: str = "map"

    def start(self) -> MapState:
        count = sum(self.sizes)
        return MapState(
            phase=PLAN if self.has_sweeper else CHUNKS,
            attempt=0 if self.has_sweeper else 1,
            is_held=False,
            counted=0,
            chunks=(ABSENT if self.has_sweeper else OPEN,) * count,
            groups=(ABSENT if self.has_sweeper else OPEN,) * len(self.sizes),
            workers=(Worker(),) * self.workers,
            hints=() if self.has_sweeper else (True,) * count,
            has_task_hint=False,
            is_ended=False,
            finishes=0,
            deaths=self.deaths,
            zombies=self.zombies,
        )

    def broken(self, before: MapState, after: MapState) -> str | None:
        for old, new in chain(
            zip(before.chunks, after.chunks, strict=True),
            zip(before.groups, after.groups, strict=True),
        ):
            if old >= CLOSED and new != old:
                return "S1: a chunk or a group that was over has changed"
        if after.finishes > 1 or (after.is_ended and after.finishes > before.finishes):
            return "S8: it was finished twice, or after it was over"
        return None if after.is_ended else self._broken_sums(before, after)

    def _broken_sums(self, before: MapState, after: MapState) -> str | None:
        for group, new in enumerate(after.groups):
            if new >= CLOSED and new - CLOSED != self._exact(after, group):
                return "S8: a group was closed with a wrong count"
        if after.phase < before.phase:
            return "S1: the map went back"
        if after.phase >= FINISH and after.counted != after.chunks.count(SUCCEEDED):
            return "S8: it was gathered with a wrong count"
        if after.phase >= FINISH and min(after.chunks) < FAILED:
            return "S8: it was gathered before its chunks had ended"
        return None

    def has_ended(self, state: MapState) -> bool:
        if OPEN in state.chunks or OPEN in state.groups:
            return False
        is_quiet = not any(state.hints) and not state.has_task_hint
        return state.phase == DONE and is_quiet and not any(w.stands for w in state.workers)

    def _exact(self, state: MapState, group: int) -> int:
        """How many chunks of a group succeeded; -1 while it has one that has not ended."""
        chunks = self.of(state.chunks, group)
        return -1 if min(chunks) < FAILED else chunks.count(SUCCEEDED)

    def of(self, chunks: tuple[int, ...], group: int) -> tuple[int, ...]:
        first = sum(self.sizes[:group])
        return chunks[first : first + self.sizes[group]]

    def group_of(self, chunk: int) -> int:
        group = 0
        while chunk >= sum(self.sizes[: group + 1]):
            group += 1
        return group


def put[T](row: tuple[T, ...], place: int, value: T) -> tuple[T, ...]:
    return (*row[:place], value, *row[place + 1 :])


def with_worker(state: MapState, number: int, worker: Worker) -> MapState:
    return state._replace(workers=put(state.workers, number, worker))
