"""What writes and reads cost, item by item and key by key."""

from dataclasses import dataclass, field

from tests.simulated.dynamodb.schema import Key

KILOBYTE = 1024
READ_BYTES = 4096

# A partition key of a table, or of one of its indexes.
type Place = tuple[str, str]


@dataclass(slots=True)
class Load:
    """Write units on one partition key: in its present second, and in its worst one."""

    second: int = 0
    units: int = 0
    most: int = 0


@dataclass(slots=True)
class Meter:
    """Units consumed. Simulated: counted from item sizes and index changes as AWS documents them.

    items   write units of each item of each table, its index entries' included
    loads   write units on each partition key of each table or "table/index"
    reads   read units in all
    """

    items: dict[tuple[str, str, str], int] = field(default_factory=dict)
    loads: dict[Place, Load] = field(default_factory=dict)
    writes: int = 0
    reads: float = 0

    def write(self, second: int, table: str, key: Key, place: Place, units: int) -> None:
        """Note a write of `units` for an item, at a place: the table's key or an index's."""
        item = (table, *key)
        self.items[item] = self.items.get(item, 0) + units
        self.writes += units
        load = self.loads.get(place)
        if load is None:
            load = self.loads[place] = Load()
        if load.second != second:
            load.second, load.units = second, 0
        load.units += units
        if load.units > load.most:
            load.most = load.units

    def read(self, size: int, *, consistent: bool, factor: int = 1) -> None:
        """Note a read of `size` bytes."""
        units = max(1, -(-size // READ_BYTES))
        self.reads += (units if consistent else units / 2) * factor

    def of(self, table: str, prefix: str) -> int:
        """Write units of all items whose partition key begins so; K#tenant#id is a task's life."""
        return sum(
            units
            for (name, partition, _), units in self.items.items()
            if name == table and partition.startswith(prefix)
        )

    def hottest(self) -> tuple[Place, int]:
        """The place that took the most units in one second, and how many that were."""
        place = max(self.loads, key=lambda place: self.loads[place].most)
        return place, self.loads[place].most


def write_units(size: int) -> int:
    """Units for writing an item of that many bytes."""
    return -(-size // KILOBYTE) or 1
