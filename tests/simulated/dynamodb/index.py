"""A global secondary index, which follows its table after a while."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from heapq import heappop, heappush

from tests.simulated.dynamodb.meter import write_units
from tests.simulated.dynamodb.schema import IndexSchema, Key, Keys
from tests.simulated.dynamodb.values import Item, item_size

# Where an entry stands in its partition: by the index's range, then by the table's key.
type Place = tuple[str, str, str]


@dataclass(slots=True)
class Index:
    """What the index shows now, and the changes that have yet to reach it.

    `shown` are the attributes of an entry, unless it has all of its item's.
    """

    schema: IndexSchema
    table: Keys
    shown: tuple[str, ...] = ()
    partitions: dict[str, list[Place]] = field(default_factory=dict)
    entries: dict[Key, Item] = field(default_factory=dict)
    _coming: list[tuple[int, int, Key, Item | None]] = field(default_factory=list)
    _latest: dict[Key, tuple[int, int]] = field(default_factory=dict)
    _number: int = 0

    def __post_init__(self) -> None:
        self.shown = (*self.table.names, *self.schema.keys.names, *(self.schema.attributes or ()))

    def entry(self, item: Item | None) -> Item | None:
        """What the index shows of an item; None for one without all of the index's keys."""
        if item is None or not self.schema.keys.within(item):
            return None
        if self.schema.attributes is None:
            return item
        return {name: item[name] for name in self.shown if name in item}

    def is_touched(self, before: Item | None, after: Item | None) -> bool:
        """May a change of an item change its entry? Attributes that stay are the same objects."""
        if before is None or after is None or self.schema.attributes is None:
            return True
        return any(before.get(name) is not after.get(name) for name in self.shown)

    def cost(self, before: Item | None, after: Item | None) -> list[tuple[str, int]]:
        """Write units of a change of an entry, by partition of the index.

        An entry whose index key changes is deleted and put again; one that stays the same is free.
        """
        keys = self.schema.keys
        if before is not None and after is not None and keys.of(before) == keys.of(after):
            if before == after:
                return []
            return [(keys.of(after)[0], write_units(max(item_size(before), item_size(after))))]
        return [
            (keys.of(entry)[0], write_units(item_size(entry)))
            for entry in (before, after)
            if entry is not None
        ]

    def follow(self, key: Key, entry: Item | None, at: int, now: int) -> None:
        """Let a change of an entry arrive at an instant; changes of one item keep their order."""
        if at <= now and key not in self._latest:
            self._apply(key, entry)
            return
        self._number += 1
        at = max(at, self._latest.get(key, (0, 0))[0])
        self._latest[key] = (at, self._number)
        heappush(self._coming, (at, self._number, key, entry))

    def settle(self, now: int) -> None:
        """Let every change that has arrived by now be seen."""
        while self._coming and self._coming[0][0] <= now:
            at, number, key, entry = heappop(self._coming)
            if self._latest[key] == (at, number):
                del self._latest[key]
            self._apply(key, entry)

    def _apply(self, key: Key, entry: Item | None) -> None:
        old = self.entries.pop(key, None)
        if old is not None:
            hash_, range_ = self.schema.keys.of(old)
            places = self.partitions[hash_]
            del places[bisect_left(places, (range_, *key))]
            if not places:
                del self.partitions[hash_]
        if entry is not None:
            hash_, range_ = self.schema.keys.of(entry)
            insort(self.partitions.setdefault(hash_, []), (range_, *key))
            self.entries[key] = entry
