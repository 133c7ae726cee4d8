"""What a map says of its chunks: S8 and S9."""

import json
from collections.abc import Iterator

from tests.simulated.dynamodb.table import Table
from tests.simulated.invariants.step import OVER, Plain, Step

type Tally = dict[str, int]

OUTCOMES = ("succeeded", "failed", "cancelled")


class Maps:
    """S8  a map moves on when every chunk has ended, with exact sums; so does a group close
    S9  progress never falls, never exceeds the truth, and is exact at the end

    The truth is counted here, chunk by chunk as they end.
    """

    def __init__(self, table: Table, skew: int) -> None:
        self._table = table
        self._skew = skew
        # Items that have ended by how they did, for each group and for each map.
        self._groups: dict[str, Tally] = {}
        self._maps: dict[str, Tally] = {}
        self._chunks: dict[str, int] = {}
        self._over: set[str] = set()

    def forget(self, partition: str) -> None:
        """A map is another one from now on; what is left of the old one is of no matter."""
        if self._maps.pop(partition, None) is None:
            return
        self._over.discard(partition)
        for tallies in self._groups, self._chunks:
            for group in [each for each in tallies if each.rpartition("#")[0] == partition]:
                del tallies[group]

    def check_chunk(self, step: Step, after: Plain) -> None:
        group = step.key[0]
        for tally in self._of_group(group), self._of_map(group.rpartition("#")[0]):
            for name, number in _outcomes(step.before):
                tally[name] -= number
            for name, number in _outcomes(after):
                tally[name] += number
        was_over, is_over = step.before.get("state") in OVER, after["state"] in OVER
        self._chunks[group] = self._chunks.get(group, 0) + is_over - was_over

    def check_group(self, step: Step, after: Plain) -> None:
        if not after.get("closed") or step.before.get("closed"):
            return
        if after["deadline"] - self._skew <= step.now and "total" not in after:
            return  # Given up: its map's time is over, and its chunks end as they find that out.
        if step.key[0] in self._over:
            return  # Its map ended while it was being expanded: nobody asks for sums any more.
        partition = f"{step.key[0]}#{step.key[1][2:]}"
        ended = self._chunks.get(partition, 0)
        if ended != after["chunks"]:
            raise step.broken("S8", f"closed after {ended} of {after['chunks']} chunks")
        self._check_sums(step, after, self._of_group(partition))

    def check_map(self, step: Step, after: Plain) -> None:
        if after.get("phase") not in ("plan", "chunks", "finish"):
            return
        if after["state"] in OVER:
            self._over.add(step.key[0])
        if after["phase"] == "chunks" and step.before.get("phase") == "plan":
            self._check_kept(step, after)
        before, truth = step.before, self._of_map(step.key[0])
        is_again = after.get("round", 0) > before.get("round", 0)
        for name in (*OUTCOMES, "ended_items"):
            if not is_again and after.get(name, 0) < before.get(name, 0):
                raise step.broken("S9", f"{name} fell to {after.get(name, 0)}")
        ended = _ended(after)
        if ended > after.get("total", 0):
            raise step.broken("S9", f"{ended} of {after.get('total', 0)} items")
        if ended > sum(truth.values()) or after.get("succeeded", 0) > truth["succeeded"]:
            raise step.broken("S9", f"says {ended} items, the truth is {truth}")
        is_gathered = before.get("phase") == "chunks" and (
            after["phase"] == "finish" or after["state"] == "cancelled"
        )
        if is_gathered or (after["state"] == "succeeded" and before.get("state") != "succeeded"):
            if sum(truth.values()) != after.get("total", 0):
                raise step.broken("S8", f"gathered {after.get('total', 0)} items: {truth}")
            self._check_sums(step, after, truth)

    def _check_kept(self, step: Step, after: Plain) -> None:
        """What a round before has done must be there when this one is gathered."""
        if not after.get("round"):
            return
        for group in range(after["groups"]):
            partition = f"{step.key[0]}#{group:05d}"
            keys = [(partition, sort) for sort in self._table.partitions.get(partition, [])]
            for key in [(step.key[0], f"G#{group:05d}"), *keys]:
                row = self._table.rows.get(key)
                expires = row and row.item.get("expires")
                if expires and int(expires["N"]) * 1000 < after["deadline"]:
                    raise step.broken("S13", f"{key} expires before its map has to end")

    def _check_sums(self, step: Step, after: Plain, truth: Tally) -> None:
        counted = {name: after.get(name, 0) for name in OUTCOMES}
        if counted != truth:
            raise step.broken("S8", f"counted {counted}, were {truth}")

    def _of_group(self, partition: str) -> Tally:
        return self._groups.setdefault(partition, dict.fromkeys(OUTCOMES, 0))

    def _of_map(self, partition: str) -> Tally:
        return self._maps.setdefault(partition, dict.fromkeys(OUTCOMES, 0))


def _outcomes(chunk: Plain) -> Iterator[tuple[str, int]]:
    """How the items of a chunk have ended; of one that has not, what it did before it began again.

    What its map counted of that stays counted: it is done, and is not done again.
    """
    lost = sum(len(positions) for _, _, positions in json.loads(chunk.get("lost", "[]")))
    if chunk.get("state") not in OVER:
        if chunk.get("round") and "left" in chunk:
            yield "succeeded", chunk["count"] - len(json.loads(chunk["left"])) - lost
        return
    left = chunk["count"] - lost
    if "left" in chunk:
        left = len(json.loads(chunk["left"]))
        yield "succeeded", chunk["count"] - left - lost
    yield "failed", lost
    yield chunk["state"], left


def _ended(item: Plain) -> int:
    return sum(item.get(name, 0) for name in OUTCOMES)
