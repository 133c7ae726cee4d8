"""Durations in buckets with fixed bounds: the counts of any two histograms can be added.

Four buckets to each doubling, so that a percentile is at most 9.1 % beside the truth, whatever the
durations are and however many were merged.
"""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil, log2

PER_DOUBLING = 4
MILLISECOND = timedelta(milliseconds=1)
# 2^40 ms are 34 years: nothing lasts longer.
LAST = 40 * PER_DOUBLING


def bucket(duration: timedelta) -> int:
    """The number of the bucket of a duration: 0 holds up to 1 ms, n up to 2^(n/4) ms."""
    milliseconds = duration / MILLISECOND
    if milliseconds <= 1:
        return 0
    return min(ceil(PER_DOUBLING * log2(milliseconds)), LAST)


def percentile(counts: Mapping[int, int], share: float) -> timedelta | None:
    """The duration that this share of all does not exceed, by nearest rank; None of nothing.

    It is the middle of the bucket that holds it. Buckets with less than nothing are left out: a
    histogram that was read in pieces may show what was taken back before what was added.
    """
    known = {number: count for number, count in counts.items() if count > 0}
    wanted = max(1, ceil(share * sum(known.values())))
    reached = 0
    for number in sorted(known):
        reached += known[number]
        if reached >= wanted:
            return middle(number)
    return None


def middle(number: int) -> timedelta:
    """The geometric middle of a bucket."""
    return MILLISECOND * (2 ** ((number - 0.5) / PER_DOUBLING) if number else 1.0)
