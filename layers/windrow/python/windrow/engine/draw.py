"""Draw: what waits, the most urgent first, but equals at random."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from random import Random

from windrow.model.priority import earlier
from windrow.store.ready import Waiting

# Who entered the queue within this time of another is not behind it: the index lags.
SLACK = timedelta(seconds=2)


def draw(
    random: Random, waiting: Iterator[Waiting], *, most: int, equals: int
) -> Iterator[Waiting]:
    """At most so many entries in order, each from at most so many equals at random.

    Workers that look at once then seldom meet.
    """
    left = islice(waiting, most)
    first = next(left, None)
    while first is not None:
        peers, following = [first], None
        last = earlier(first.rank, -SLACK)
        for each in left:
            if len(peers) == equals or each.rank > last:
                following = each
                break
            peers.append(each)
        random.shuffle(peers)
        yield from peers
        first = following
