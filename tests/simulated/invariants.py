"""What must be true after every write to the table of tasks, whatever went wrong before it.

S1 to S14 are the names that the research on reliability gives them. A watcher sees each change with
the two versions of its item, and who made it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.table import Change, Table
from tests.simulated.world import World
from windrow.aws.dynamodb import decoded
from windrow.model.states import Phase, State

type Plain = dict[str, Any]


class Violation(BaseException):
    """A promise was broken. No `except Exception` of the code under test may swallow this."""


@dataclass
class Invariants:
    """The invariants of a world's table of tasks; `watch` begins.

    `skew` is by how much two clocks of this world may differ, in milliseconds.
    """

    world: World
    table: Table
    skew: int = 0
    claims: dict[tuple[str, Key], int] = field(default_factory=dict)
    holders: dict[str, set[Key]] = field(default_factory=dict)
    checked: int = 0

    def watch(self) -> None:
        """Check each change from now on. A broken promise raises Violation out of the world."""
        self.table.watchers.append(self._check)

    def _check(self, change: Change) -> None:
        if not change.key[0].startswith("K#") or change.after is None:
            return
        self.checked += 1
        before = decoded(change.before.item) if change.before else {}
        after = decoded(change.after.item)
        if change.key[1].startswith("G#"):
            self._check_group(change, before, after)
            return
        self._check_state(change, before, after)
        self._check_attempt(change, before, after)
        self._check_indexes(change, after)
        if change.key[1] == "A":
            self._check_unique(change, after)
            self._check_progress(change, before, after)

    def _check_state(self, change: Change, before: Plain, after: Plain) -> None:
        old = before.get("state")
        if old is not None and State(old).is_over and after["state"] != old:
            self._broken("S1", f"{old} became {after['state']}", change)
        if State(after["state"]).is_over != ("expires" in after):
            self._broken("S13", f"{after['state']} with expires={after.get('expires')}", change)
        if after["state"] == State.QUEUED and "cancel_requested" in after:
            self._broken("S7", "it may start again though somebody asked to cancel it", change)

    def _check_attempt(self, change: Change, before: Plain, after: Plain) -> None:
        actor, old, new = self.world.acting or "-", before.get("attempt", 0), after["attempt"]
        if new < old:
            self._broken("S2", f"attempt {old} became {new}", change)
        if new > old:
            if new != old + 1:
                self._broken("S2", f"attempt {old} became {new}", change)
            self.claims[actor, change.key] = new
            if before.get("lease", 0) - self.skew > self.world.time.now:
                self._broken("S3", "a live lease was taken over", change)
            return
        held = self.claims.get((actor, change.key))
        if held is not None and held < old:
            self._broken("S3", f"attempt {held} wrote while attempt {old} was on", change)

    def _check_indexes(self, change: Change, after: Plain) -> None:
        if "ready_shard" in after and after["state"] != State.QUEUED:
            self._broken("S14", f"ready while {after['state']}", change)
        if State(after["state"]).is_over == ("due_shard" in after):
            self._broken("S14", f"{after['state']} with due={after.get('due_at')}", change)

    def _check_unique(self, change: Change, after: Plain) -> None:
        if "unique" not in after:
            return
        live = self.holders.setdefault(f"{change.key[0].split('#')[1]}#{after['unique']}", set())
        if State(after["state"]).is_over:
            live.discard(change.key)
            return
        live.add(change.key)
        if len(live) > 1:
            self._broken("S11", f"{sorted(live)} are alive at once", change)

    def _check_progress(self, change: Change, before: Plain, after: Plain) -> None:
        for name in ("succeeded", "failed", "cancelled"):
            if after.get(name, 0) < before.get(name, 0):
                self._broken("S9", f"{name} fell to {after.get(name, 0)}", change)
        counted = sum(after.get(name, 0) for name in ("succeeded", "failed", "cancelled"))
        if counted > after.get("total", 0):
            self._broken("S9", f"{counted} of {after.get('total', 0)} items", change)
        was_in_chunks = before.get("phase") == Phase.CHUNKS
        was_cancelled = after["state"] == State.CANCELLED
        if was_in_chunks and (after["phase"] == Phase.FINISH or was_cancelled):
            self._check_gathered(change, after)

    def _check_gathered(self, change: Change, after: Plain) -> None:
        """S8: a map moves on when every chunk has ended, with exact sums."""
        ended = {"succeeded": 0, "failed": 0, "cancelled": 0}
        for chunk in self._chunks(change.key[0], after["groups"]):
            if not State(chunk["state"]).is_over:
                self._broken("S8", f"gathered while {chunk['SK']} is {chunk['state']}", change)
            ended[chunk["state"]] += chunk["count"]
        if ended != {name: after.get(name, 0) for name in ended}:
            self._broken("S8", f"counted {after.get('succeeded', 0)}, were {ended}", change)

    def _chunks(self, partition: str, groups: int) -> Iterator[Plain]:
        for group in range(groups):
            own = f"{partition}#{group:05d}"
            for sort in self.table.partitions.get(own, []):
                yield decoded(self.table.rows[own, sort].item)

    def _check_group(self, change: Change, before: Plain, after: Plain) -> None:
        if before.get("closed") and not after.get("closed"):
            self._broken("S1", "a closed group was opened", change)
        if bool(after.get("closed")) == ("due_shard" in after):
            self._broken("S14", f"closed={after.get('closed')}, due={after.get('due_at')}", change)

    def _broken(self, name: str, how: str, change: Change) -> None:
        trace = "\n".join(list(self.world.lines)[-40:])
        raise Violation(
            f"{name}: {how}: {change.key} by {self.world.acting}, seed {self.world.seed}\n{trace}"
        )
