"""What workers do to a map, call by call: engine/expand.py, run.py and gather.py."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.reliability.model.explore import Move
from tests.reliability.model.two_levels import (
    ABSENT,
    ACKNOWLEDGES,
    AWAY,
    CHUNKS,
    CLOSED,
    CLOSES,
    DONE,
    EXPANDS,
    FAILED,
    FINISH,
    FINISHES,
    LOOKS,
    MOVES_ON,
    OPEN,
    OPENS,
    PLAN,
    RUNS,
    SCANS,
    SUCCEEDED,
    SUMS,
    MapRules,
    MapState,
    Worker,
    put,
    with_worker,
)


@dataclass(frozen=True)
class Map(MapRules):
    """A map's whole life, with every step that may come next."""

    def moves(self, state: MapState) -> Iterator[Move[MapState]]:
        for number in range(self.workers):
            if number and state.workers[number] == state.workers[number - 1]:
                continue  # Workers are alike: the twin's moves are the same.
            for label, after, is_fair in self._worker(state, number):
                alike = after._replace(workers=tuple(sorted(after.workers)))
                yield label, alike, is_fair
        if self.can_end and state.phase != DONE:
            over = state._replace(phase=DONE, is_ended=True, is_held=False)
            yield "the map is cancelled or given up", over, False

    def _worker(self, state: MapState, number: int) -> Iterator[Move[MapState]]:
        worker = state.workers[number]
        if worker.stands == AWAY:
            yield from self._receives(state, number)
            return
        for label, after, to in self._does(state, worker):
            yield label, with_worker(after, number, to), True
        if state.deaths:
            dead = with_worker(state._replace(deaths=state.deaths - 1), number, Worker())
            yield "a worker dies", self._returned(dead, worker), False

    def _returned(self, state: MapState, worker: Worker) -> MapState:
        """Its lease is over once it is dead, and its hint comes back."""
        if worker.attempt == state.attempt and worker.stands in (EXPANDS, OPENS, FINISHES):
            state = state._replace(is_held=False)
        if self.has_sweeper:
            return state
        if worker.hint < 0:
            return state._replace(has_task_hint=True)
        return state._replace(hints=put(state.hints, worker.hint, True))

    def _receives(self, state: MapState, number: int) -> Iterator[Move[MapState]]:
        for chunk, stands in enumerate(state.chunks):
            if (stands != ABSENT) if self.has_sweeper else state.hints[chunk]:
                yield from self._receives_chunk(state, number, chunk, stands)
        if self.has_sweeper:
            for group, stands in enumerate(state.groups):
                if stands != ABSENT:
                    to = with_worker(state, number, Worker(SCANS, group))
                    yield f"a hint of group {group}", to, True
        if self.has_sweeper or state.has_task_hint:
            yield from self._receives_task(state._replace(has_task_hint=False), number)

    def _receives_chunk(
        self, state: MapState, number: int, chunk: int, stands: int
    ) -> Iterator[Move[MapState]]:
        hint = -1
        if not self.has_sweeper:
            hint, state = chunk, state._replace(hints=put(state.hints, chunk, False))
        group = self.group_of(chunk)
        if stands == OPEN:
            to = Worker(RUNS, chunk, hint=hint)
            if self.without == "order":
                # It sees its group as it is now, and stores its own outcome afterwards.
                seen = self.of(state.chunks, group)
                is_last = seen.count(OPEN) == 1 and ABSENT not in seen
                to = to._replace(attempt=is_last)
        else:
            to = Worker(ACKNOWLEDGES if self.without == "over" else SCANS, group, hint=hint)
        yield f"a hint of chunk {chunk}", with_worker(state, number, to), True

    def _receives_task(self, state: MapState, number: int) -> Iterator[Move[MapState]]:
        match state.phase:
            case s if s == CHUNKS:
                yield "a hint of the map", with_worker(state, number, Worker(LOOKS)), True
            case s if s in (PLAN, FINISH):
                if state.is_held and not state.zombies:
                    return
                owned = state._replace(attempt=state.attempt + 1, is_held=True)
                if state.is_held:
                    owned = owned._replace(zombies=state.zombies - 1)
                stands = EXPANDS if s == PLAN else FINISHES
                to = Worker(stands, attempt=owned.attempt)
                yield "the map is claimed", with_worker(owned, number, to), not state.is_held
            case _:
                yield "a late hint of the map", state, True

    def _does(self, state: MapState, worker: Worker) -> Iterator[tuple[str, MapState, Worker]]:
        match worker.stands:
            case s if s == RUNS:
                yield from self._runs(state, worker)
            case s if s == SCANS:
                yield self._scans(state, worker)
                if self.without == "stale":
                    # It sees its group as it was before the last outcome was stored.
                    to = Worker(ACKNOWLEDGES, hint=worker.hint)
                    yield "the group is read late", state, to
            case s if s == CLOSES:
                yield self._closes(state, worker)
            case s if s in (LOOKS, SUMS, MOVES_ON):
                yield self._gathers(state, worker)
            case s if s in (EXPANDS, OPENS):
                yield self._expands(state, worker)
            case s if s == FINISHES:
                yield self._finishes(state, worker)
            case _:
                yield "a hint is acknowledged", state, Worker()

    def _runs(self, state: MapState, worker: Worker) -> Iterator[tuple[str, MapState, Worker]]:
        """run._run_chunk: the outcome is stored first, and the group is looked at afterwards."""
        chunk, group = worker.place, self.group_of(worker.place)
        to = Worker(SCANS, group, hint=worker.hint)
        if self.without == "order" and not worker.attempt:
            to = Worker(ACKNOWLEDGES, hint=worker.hint)
        if state.is_ended and self.without == "ended":
            yield f"chunk {chunk} is left", state, to
            return
        for outcome, label in ((SUCCEEDED, "succeeds"), (FAILED, "fails or is cancelled")):
            after = state
            if state.chunks[chunk] == OPEN or self.without == "outcome":
                after = state._replace(chunks=put(state.chunks, chunk, outcome))
            yield f"chunk {chunk} {label}", after, to

    def _scans(self, state: MapState, worker: Worker) -> tuple[str, MapState, Worker]:
        """gather.gather_group: a consistent read of the group and all of its chunks."""
        group, label = worker.place, f"group {worker.place} is read"
        if state.groups[group] >= CLOSED:
            stands = ACKNOWLEDGES if self.without == "up" else LOOKS
            return label, state, worker._replace(stands=stands)
        chunks = self.of(state.chunks, group)
        if self.without == "rows" or (state.is_ended and self.without != "whole"):
            chunks = tuple(chunk for chunk in chunks if chunk != ABSENT)
        if self.without != "scan" and min(chunks, default=FAILED) < FAILED:
            return label, state, worker._replace(stands=ACKNOWLEDGES)
        counted = chunks.count(SUCCEEDED)
        return label, state, worker._replace(stands=CLOSES, counted=counted)

    def _closes(self, state: MapState, worker: Worker) -> tuple[str, MapState, Worker]:
        """gather._close: fenced by `closed`; who is refused knows that the same facts are there."""
        after = state
        if state.groups[worker.place] == OPEN:
            closed = put(state.groups, worker.place, CLOSED + worker.counted)
            after = state._replace(groups=closed)
        return f"group {worker.place} is closed", after, worker._replace(stands=LOOKS, counted=0)

    def _gathers(self, state: MapState, worker: Worker) -> tuple[str, MapState, Worker]:
        """gather.gather_task: read the map, then its groups, and move on what was read first."""
        done = Worker(ACKNOWLEDGES, hint=worker.hint)
        if worker.stands == LOOKS:
            if state.phase != CHUNKS and not (self.without == "phase" and state.phase == PLAN):
                return "the map is read", state, done
            return "the map is read", state, Worker(SUMS, 0, state.attempt, 0, worker.hint)
        if worker.stands == SUMS:
            groups = [group for group in state.groups if group != ABSENT]
            wanted = state.groups if self.without != "phase" else groups
            if self.without != "groups" and min(wanted, default=CLOSED) < CLOSED:
                return "its groups are read", state, done
            counted = sum(group - CLOSED for group in groups if group >= CLOSED)
            to = worker._replace(stands=MOVES_ON, counted=counted)
            return "its groups are read", state, to
        is_as_read = state.phase == CHUNKS and state.attempt == worker.attempt
        if self.without == "phase":
            is_as_read = state.phase <= CHUNKS and state.attempt == worker.attempt
        if not is_as_read and self.without != "fence":
            return "the map was moved on by another", state, done
        moved = state._replace(
            phase=FINISH, is_held=False, counted=worker.counted, has_task_hint=not self.has_sweeper
        )
        return "the map is moved on, and hinted at", moved, done

    def _expands(self, state: MapState, worker: Worker) -> tuple[str, MapState, Worker]:
        """expand.expand: each group and then its chunks, row by row; then the map is in its chunks.

        A row that is there is left alone; a group that is there with all of its rows is skipped.
        """
        if worker.stands == OPENS:
            if (state.phase, state.attempt) != (PLAN, worker.attempt):
                return "an expansion is fenced off", state, Worker(ACKNOWLEDGES)
            opened = state._replace(phase=CHUNKS, is_held=False)
            return "the map is expanded", opened, Worker(LOOKS)
        rows = [row for group, size in enumerate(self.sizes) for row in (group, *[-1] * size)]
        row, place = rows[worker.place], worker.place
        after = self._created(state, rows, place)
        step = 1
        if row >= 0 and state.groups[row] != ABSENT and ABSENT not in self.of(state.chunks, row):
            step = 1 + self.sizes[row]
        to = worker._replace(place=place + step)
        if to.place == len(rows):
            to = Worker(OPENS, attempt=worker.attempt)
        return f"row {place} is written", after, to

    def _created(self, state: MapState, rows: list[int], place: int) -> MapState:
        group = rows[place]
        if group >= 0:
            is_new = state.groups[group] == ABSENT or self.without == "create"
            return state._replace(groups=put(state.groups, group, OPEN)) if is_new else state
        chunk = rows[:place].count(-1)
        is_new = state.chunks[chunk] == ABSENT or self.without == "create"
        return state._replace(chunks=put(state.chunks, chunk, OPEN)) if is_new else state

    def _finishes(self, state: MapState, worker: Worker) -> tuple[str, MapState, Worker]:
        """run._run_finish: its end is fenced like every other."""
        is_mine = state.attempt == worker.attempt and state.phase == FINISH
        if not is_mine and self.without != "finish":
            return "a finish is fenced off", state, Worker(ACKNOWLEDGES)
        done = state._replace(phase=DONE, is_held=False, finishes=state.finishes + 1)
        return "the map is finished", done, Worker(ACKNOWLEDGES)
