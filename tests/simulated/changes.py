"""The event source mapping of a table's stream: batches of a shard, in order, and again."""

from dataclasses import dataclass, field
from typing import Any

from tests.simulated.dynamodb.stream import Stream, batch
from tests.simulated.functions import Function, Invocation
from tests.simulated.time import SECOND
from tests.simulated.world import World

# How often a shard is asked for more, and how long a batch waits that has failed.
EVERY = (200, 5 * SECOND)
BATCH = 50


@dataclass
class Changes:
    """Hands every change of a task to a function, shard by shard, each shard on its own.

    A batch that fails comes again, in halves. `repeated` is how often one that was done comes
    again: some of its records or of those before, in any order, beside the batches that follow.
    """

    world: World
    stream: Stream
    function: Function
    repeated: float = 0
    repeats: int = 0
    positions: list[int] = field(default_factory=list)

    def start(self) -> None:
        """Read from the beginning of every shard, from now on."""
        self.positions = [0] * len(self.stream.shards)
        for shard in range(len(self.positions)):
            self._poll(shard, BATCH)

    @property
    def is_done(self) -> bool:
        """Was everything handed over?"""
        ends = [len(records) for records in self.stream.shards]
        return self.positions == ends

    def _later(self, shard: int, size: int) -> None:
        self.world.after(self.world.random.randint(*EVERY), lambda: self._poll(shard, size))

    def _poll(self, shard: int, size: int) -> None:
        records, after = self.stream.read(shard, self.positions[shard], size)
        wanted = [record for record in records if is_wanted(record)]
        if not wanted or not self.function.has_room:
            self.positions[shard] = self.positions[shard] if wanted else after
            self._later(shard, BATCH)
            return

        def ended(invocation: Invocation) -> None:
            is_done = invocation.has_returned and invocation.error is None
            if is_done:
                self.positions[shard] = after
                self._repeat(shard)
            self._later(shard, BATCH if is_done else max(1, size // 2))

        self.function.invoke(batch(wanted, shard), ended)

    def _repeat(self, shard: int) -> None:
        random = self.world.random
        if not self.repeated or random.random() >= self.repeated:
            return
        done = self.stream.shards[shard][: self.positions[shard]]
        known = [record for record in done if is_wanted(record)]
        some = random.choices(known[-3 * BATCH :], k=random.randint(1, BATCH))
        self.repeats += 1
        event = batch(some, shard)
        self.world.after(random.randint(0, 60 * SECOND), lambda: self.function.invoke(event))


def is_wanted(record: dict[str, Any]) -> bool:
    """What the template's FilterCriteria let through."""
    keys = record["dynamodb"]["Keys"]
    return bool(keys["PK"]["S"].startswith("K#") and keys["SK"]["S"] == "A")
