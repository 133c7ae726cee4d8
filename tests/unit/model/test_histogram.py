"""Percentiles from buckets: near the truth, and the same however the counts were merged."""

from collections import Counter
from datetime import timedelta
from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windrow.model.histogram import LAST, bucket, middle, percentile

MILLISECOND = timedelta(milliseconds=1)
DURATIONS = st.lists(st.integers(1, 10**9), min_size=1, max_size=200)


@pytest.mark.parametrize(
    ("milliseconds", "number"),
    [(-5, 0), (0, 0), (1, 0), (2, 4), (1000, 40), (1024, 40), (1025, 41), (2**45, LAST)],
)
def test_a_duration_has_its_bucket(milliseconds: int, number: int) -> None:
    assert bucket(milliseconds * MILLISECOND) == number


@given(DURATIONS, st.sampled_from([0.5, 0.9, 0.95, 0.99, 1.0]))
def test_a_percentile_is_within_a_tenth_of_the_truth(durations: list[int], share: float) -> None:
    counts = Counter(bucket(each * MILLISECOND) for each in durations)

    found = percentile(counts, share)

    truth = sorted(durations)[max(1, ceil(share * len(durations))) - 1]
    assert found is not None
    assert abs(found / MILLISECOND - truth) <= 0.091 * truth + 0.001


@given(DURATIONS, DURATIONS)
def test_counts_of_two_can_be_added(some: list[int], others: list[int]) -> None:
    one = Counter(bucket(each * MILLISECOND) for each in some)
    other = Counter(bucket(each * MILLISECOND) for each in others)
    both = Counter(bucket(each * MILLISECOND) for each in some + others)

    assert percentile(one + other, 0.5) == percentile(both, 0.5)


def test_nothing_has_no_percentile() -> None:
    assert percentile({}, 0.5) is None
    assert percentile({3: 0, 4: -1}, 0.5) is None


def test_a_middle_is_in_its_own_bucket() -> None:
    random = Random(1)

    for number in (0, *(random.randrange(4, LAST) for _ in range(50))):
        assert bucket(middle(number)) == number
