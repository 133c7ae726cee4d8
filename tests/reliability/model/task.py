"""The life of one plain task: submitted, hinted at, claimed, settled, cancelled, swept, expired.

Every call of AWS is a step of its own, and between any two of them everybody else may act. Times
are what they may become: a lease may run out at any moment, a deadline may pass at any moment.
"""

from dataclasses import dataclass
from typing import NamedTuple

# A record's state; GONE is what TTL leaves of it.
ABSENT, QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED, GONE = range(7)
# A lease: nobody holds it, somebody does, its time is over.
NONE, LIVE, OUT = range(3)
# A process that reads and then writes, as the sweeper and a canceller do.
AWAY, ABOUT, LEAVES = range(3)
# Where a worker stands: what it does next. AWAY is 0.
READS, LOOKED, WORKS, SETTLES, INTERRUPTED, STOPS, SENDS, ACKNOWLEDGES = range(1, 9)
OWNING = (WORKS, SETTLES)
# A submitter.
PUTS, SENDS_FIRST, ANSWERED, REFUSED = range(4)
# Who wrote a record last: its submission, a worker (1, 2 ...), or a request that came late.
NOBODY, LATE_OWNER = 0, 9

MUTANTS = {
    "attempt and owner": "a write asks for the state it read, not for whose it is",
    "state": "a write asks for whose the record is, not for the state it read",
    "nonce": "whoever is refused takes a like claim for its own, whoever made it",
    "lease": "a claim takes a record from a lease that has not run out",
    "takeover": "a record whose lease has run out is claimed by nobody",
    "budget": "a takeover counts no crash",
    "early": "a claim does not wait for the record's time",
    "sweeper": "nobody looks at what is due",
    "marker": "an effect leaves no marker of itself",
    "effect": "an effect is written whoever owns the task",
    "cancel": "a takeover does not look whether it was cancelled meanwhile",
    "changes": "a write stores the whole version, not what it changes",
    "expiry": "a record may expire before it is over",
}


class Record(NamedTuple):
    """A task's record, as store/items stores it; due is never absent before the end.

    is_early is a not_before that lies ahead; cursor is how often it was checkpointed.
    """

    state: int = ABSENT
    attempt: int = 0
    owner: int = NOBODY
    failures: int = 0
    crashes: int = 0
    lease: int = NONE
    is_early: bool = False
    is_cancel_asked: bool = False
    cursor: int = 0

    @property
    def is_over(self) -> bool:
        return self.state >= SUCCEEDED


class Process(NamedTuple):
    """Where somebody stands, and the version of the record that his next write is decided on."""

    stands: int = AWAY
    seen: Record = Record()


class TaskState(NamedTuple):
    """The world: the record, its hints and marker, everybody who acts, and what may go wrong.

    late     a write whose sender is dead and which still travels: (what it is, version, version)
    is_late  has the deadline passed?
    rounds   how often a person tried it again
    was_cancelled, effects, stale: facts that nobody in the world knows, kept to judge it
    """

    record: Record
    hints: int
    workers: tuple[Process, ...]
    submitter: int
    sweeper: Process
    canceller: Process
    late: tuple[Record, Record] | None
    is_late: bool
    has_marker: bool
    effects: int
    was_cancelled: bool
    stale: bool
    rounds: int
    deaths: int
    surprises: int


@dataclass(frozen=True)
class TaskRules:
    """One task and `workers` workers: what is written when, and what must never be seen.

    attempts, crash_budget   what the retry policy and settle.CRASH_BUDGET allow
    deaths                   processes that die, and answers that do not arrive
    surprises                hints that double or vanish, zombies, deadlines
    cancels, retries, cursors  what people and authors may ask: cancel, retry again, checkpoint
    """

    workers: int = 2
    attempts: int = 2
    crash_budget: int = 1
    deaths: int = 2
    surprises: int = 1
    is_cancelled: bool = False
    retries: int = 0
    cursors: int = 0
    has_late_writes: bool = False
    without: str = ""
    name: str = "task"

    def start(self) -> TaskState:
        return TaskState(
            record=Record(),
            hints=0,
            workers=(Process(),) * self.workers,
            submitter=PUTS,
            sweeper=Process(),
            canceller=Process(AWAY if self.is_cancelled else LEAVES),
            late=None,
            is_late=False,
            has_marker=False,
            effects=0,
            was_cancelled=False,
            stale=False,
            rounds=0,
            deaths=self.deaths,
            surprises=self.surprises,
        )

    def broken(self, before: TaskState, after: TaskState) -> str | None:
        old, new = before.record, after.record
        owners = [process.seen.attempt for process in after.workers if process.stands in OWNING]
        if len(owners) != len(set(owners)):
            return "S2: two workers have the same attempt"
        if after.stale:
            return "S3: a write was accepted from somebody who no longer owned the task"
        if after.effects > 1:
            return "S4: an effect was doubled"
        if old == new:
            return None
        return self._broken_end(before, after) if new.is_over else self._broken_life(before, after)

    def has_ended(self, state: TaskState) -> bool:
        """It is over, no hint of it is left, and nobody is at work on it."""
        is_over = state.record.is_over or (
            state.record.state == ABSENT and state.submitter == REFUSED
        )
        return (
            is_over
            and not state.hints
            and state.submitter >= ANSWERED
            and state.sweeper.stands == AWAY
            and all(process.stands == AWAY for process in state.workers)
        )

    def accepts(self, stands: Record, seen: Record) -> bool:
        """The condition of Records.update: the fence (FENCE) is as it was read."""
        if stands.state in (ABSENT, GONE):
            return False
        is_as_read = stands.state == seen.state or self.without == "state"
        is_mine = (stands.attempt, stands.owner) == (seen.attempt, seen.owner)
        return is_as_read and (is_mine or self.without == "attempt and owner")

    def written(
        self, state: TaskState, seen: Record, after: Record, *, is_guarded: bool = False
    ) -> TaskState | None:
        """Records.write: the state after it, or None when it is refused (Fenced).

        `is_guarded`: the condition carries the cancel request, because this would start it anew.
        A write that finds what it meant to write has been made already: Records.unless_written.
        """
        stands = state.record
        is_asked_anew = is_guarded and stands.is_cancel_asked and not seen.is_cancel_asked
        if self.accepts(stands, seen) and not is_asked_anew:
            is_stale = (stands.attempt, stands.owner) != (seen.attempt, seen.owner)
            merged = Record._make(map(_merged, stands, seen, after))
            if self.without == "changes":
                merged = merged._replace(is_cancel_asked=after.is_cancel_asked)
            return state._replace(record=merged, stale=state.stale or is_stale)
        same = stands.state == after.state and stands.attempt == after.attempt
        return state if same and (stands.owner == after.owner or self.without == "nonce") else None

    def _broken_end(self, before: TaskState, after: TaskState) -> str | None:
        old, new = before.record, after.record
        if old.is_over and new.state != GONE:
            return "S1: what was over has changed"
        if new.state == GONE:
            return None if old.is_over else "S16: an accepted task is lost"
        if new.state == SUCCEEDED and not after.effects:
            return "S4: it succeeded without its effect"
        is_spent = new.failures >= self.attempts - 1 or new.crashes >= self.crash_budget
        if new.state == FAILED and not (is_spent or after.is_late):
            return "S6: it failed before its attempts, crashes and time were used up"
        if new.state == CANCELLED and not after.was_cancelled:
            return "S7: it was cancelled though nobody asked"
        return None

    def _broken_life(self, before: TaskState, after: TaskState) -> str | None:
        old, new = before.record, after.record
        if old.is_over and after.rounds == before.rounds:
            return "S1: what was over lives again"
        if new.attempt < old.attempt:
            return "S2: the attempt went back"
        if (new.lease == NONE) != (new.state == QUEUED):
            return "S14: a lease without an attempt, or an attempt without a lease"
        return self._broken_claim(before, after) if new.attempt > old.attempt else None

    def _broken_claim(self, before: TaskState, after: TaskState) -> str | None:
        old, new = before.record, after.record
        if new.attempt != old.attempt + 1:
            return "S2: the attempt jumped"
        if old.lease == LIVE:
            return "S3: a live lease was taken over"
        if old.is_early:
            return "S7: it started before its time"
        if before.was_cancelled:
            return "S7: it started anew after it was cancelled"
        # Each round has its attempts, its crashes and its continuations, and a first attempt.
        most = self.attempts + self.crash_budget + self.cursors
        if new.attempt > most * (after.rounds + 1):
            return "S6: it was tried too often"
        return None


def _merged(stands: int, seen: int, after: int) -> int:
    """Only what differs between the two versions is written."""
    return stands if seen == after else after


def with_worker(state: TaskState, number: int, process: Process) -> TaskState:
    """The same world with a worker elsewhere."""
    workers = state.workers
    return state._replace(workers=(*workers[:number], process, *workers[number + 1 :]))
