"""One table: its items, what follows from each change, and who watches."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

from tests.simulated.dynamodb.index import Index
from tests.simulated.dynamodb.meter import Meter, write_units
from tests.simulated.dynamodb.schema import Key, Schema
from tests.simulated.dynamodb.stream import Stream
from tests.simulated.dynamodb.values import Item, item_size
from tests.simulated.lags import Lags
from tests.simulated.time import Time

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table"

type Watcher = Callable[["Change"], None]


@dataclass(frozen=True, slots=True)
class Version:
    """An item as it stands. It is never changed, only followed by another version."""

    item: Item
    size: int


@dataclass(frozen=True, slots=True)
class Change:
    """An item's step from one version to the next; `factor` 2 in a transaction."""

    table: str
    key: Key
    before: Version | None
    after: Version | None
    factor: int = 1
    by_ttl: bool = False


def version(item: Item) -> Version:
    """An item with its size."""
    return Version(item, item_size(item))


def next_version(before: Version, item: Item, changed: Iterable[str]) -> Version:
    """The version after `before` that differs from it in these attributes at most."""
    old = item_size({name: before.item[name] for name in changed if name in before.item})
    new = item_size({name: item[name] for name in changed if name in item})
    return Version(item, before.size - old + new)


class Table:
    """Items by key. Every change passes through `apply`, which moves all that depends on it."""

    def __init__(self, schema: Schema, time: Time, lags: Lags, meter: Meter) -> None:
        self.schema = schema
        self.rows: dict[Key, Version] = {}
        self.partitions: dict[str, list[str]] = {}
        self.indexes = {index.name: Index(index, schema.keys) for index in schema.indexes}
        arn = f"{ARN}/{schema.name}/stream/2026-01-15T10:30:00.000"
        self.stream = (
            Stream(arn, lambda: time.now, schema.keys.names) if schema.has_stream else None
        )
        self.watchers: list[Watcher] = []
        # Items that a transaction under way has taken.
        self.taken: set[Key] = set()
        self._time = time
        self._lags = lags
        self._meter = meter
        self._earlier: dict[Key, tuple[Version | None, int]] = {}
        self._expiring: list[tuple[int, Key]] = []

    def read(self, key: Key, *, consistent: bool) -> Version | None:
        """An item as it stands, or as it stood a moment ago."""
        found = self.rows.get(key)
        if consistent or self._lags.stale == (0, 0) or key not in self._earlier:
            return found
        earlier, until = self._earlier[key]
        return earlier if self._time.now - self._lags.draw(self._lags.stale) < until else found

    def apply(self, change: Change) -> None:
        """Make a change, and let indexes, stream, meter and watchers know."""
        self._store(change)
        self._count(change)
        self._follow(change)
        if self.stream is not None:
            self.stream.note(
                change.key,
                change.before.item if change.before else None,
                change.after.item if change.after else None,
                by_ttl=change.by_ttl,
            )
        for watcher in self.watchers:
            watcher(change)

    def settle(self) -> None:
        """Let indexes catch up to the present, and delete what expired long enough ago."""
        now = self._time.now
        for index in self.indexes.values():
            index.settle(now)
        while self._expiring and self._expiring[0][0] <= now:
            _, key = heappop(self._expiring)
            found = self.rows.get(key)
            expires = self._expires(found)
            if (
                found is not None
                and expires is not None
                and expires <= now
                and key not in self.taken
            ):
                self.apply(Change(self.schema.name, key, found, None, by_ttl=True))

    def keep(self) -> None:
        """Let nothing of what is here expire from now on."""
        self.settle()
        self._expiring.clear()

    def _store(self, change: Change) -> None:
        key, after = change.key, change.after
        if self._lags.stale != (0, 0):
            self._earlier[key] = (change.before, self._time.now)
        if after is None:
            if self.rows.pop(key, None) is not None:
                sorts = self.partitions[key[0]]
                del sorts[bisect_left(sorts, key[1])]
                if not sorts:
                    del self.partitions[key[0]]
            return
        if key not in self.rows:
            insort(self.partitions.setdefault(key[0], []), key[1])
        self.rows[key] = after
        expires = self._expires(after)
        if expires is not None and expires != self._expires(change.before):
            heappush(self._expiring, (expires + self._lags.draw(self._lags.ttl), key))

    def _follow(self, change: Change) -> None:
        now, name = self._time.now, self.schema.name
        old = change.before.item if change.before else None
        new = change.after.item if change.after else None
        for index in self.indexes.values():
            if not index.is_touched(old, new):
                continue
            before, after = index.entry(old), index.entry(new)
            if before == after:
                continue
            index.follow(change.key, after, now + self._lags.draw(self._lags.index), now)
            for partition, units in index.cost(before, after):
                place = (f"{name}/{index.schema.name}", partition)
                self._meter.write(now // 1000, name, change.key, place, units)

    def _count(self, change: Change) -> None:
        """TTL deletes for nothing; other writes cost by the larger of the two versions."""
        if change.by_ttl:
            return
        sizes = [each.size for each in (change.before, change.after) if each is not None]
        units = write_units(max(sizes, default=0)) * change.factor
        name = self.schema.name
        self._meter.write(self._time.now // 1000, name, change.key, (name, change.key[0]), units)

    def _expires(self, found: Version | None) -> int | None:
        """When an item expires; a value that is no number is ignored."""
        if found is None or self.schema.ttl is None:
            return None
        value = found.item.get(self.schema.ttl)
        return int(float(value["N"]) * 1000) if value and "N" in value else None
