"""L3: what is overdue is looked at within two ticks of the sweeper."""

from collections.abc import Iterator

from tests.simulated.dynamodb.table import Table
from tests.simulated.time import MINUTE, SECOND

# Two ticks; and what a tick may be late, its clock wrong, its index behind and its work slow.
LONGEST = 2 * MINUTE + 70 * SECOND


def overlooked(table: Table, now: int, calm_since: int | None) -> Iterator[str]:
    """Every record that has been due for too long, faults being over; the oldest of each shard."""
    if calm_since is None or now - calm_since < LONGEST:
        return
    index = table.indexes["due"]
    index.settle(now)
    for shard, places in index.partitions.items():
        since = int(places[0][0].partition("#")[0]) if places else now
        if now - since > LONGEST:
            yield f"L3: {places[0][1:]} in {shard} has been due for {(now - since) // SECOND} s"
