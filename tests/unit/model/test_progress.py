"""Percent and the estimated end, as those who poll are told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import EPOCH
from windrow.model.progress import estimated_completion, percent, reported
from windrow.model.records import Progress, Task
from windrow.model.ref import Ref
from windrow.model.states import State

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
RUNNING = Task(
    ref=Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E"),
    pool="default",
    name="count",
    state=State.RUNNING,
    created=EPOCH,
    queued=EPOCH,
    not_before=EPOCH,
    deadline=EPOCH + 24 * HOUR,
    started=EPOCH,
)
REPORTS = st.tuples(st.integers(0, 1000), st.none() | st.integers(0, 1000))


def running(done: int, total: int) -> Task:
    return replace(RUNNING, progress=Progress(total=total, succeeded=done))


@pytest.mark.parametrize(
    ("done", "total", "shown"),
    [(0, 3, 0), (1, 3, 33), (2, 3, 66), (999, 1000, 99), (3, 3, 100), (7, 0, None), (0, 0, None)],
)
def test_percent_is_never_rounded_up(done: int, total: int, shown: int | None) -> None:
    assert percent(running(done, total)) == shown


def test_what_has_succeeded_is_done_whatever_it_reported() -> None:
    assert percent(replace(running(1, 3), state=State.SUCCEEDED)) == 100


def test_failed_and_cancelled_items_count_as_done() -> None:
    progress = Progress(total=10, succeeded=2, failed=2, cancelled=1)

    assert percent(replace(RUNNING, progress=progress)) == 50


def test_the_estimate_goes_on_at_the_rate_so_far() -> None:
    assert estimated_completion(running(25, 100), EPOCH + MINUTE) == EPOCH + 4 * MINUTE


def test_a_rate_that_falls_moves_the_estimate_back() -> None:
    later = estimated_completion(running(25, 100), EPOCH + 2 * MINUTE)

    assert later == EPOCH + 8 * MINUTE


def test_a_map_is_measured_since_its_chunks_began() -> None:
    began = replace(running(25, 100), chunks_began=EPOCH + HOUR)

    assert estimated_completion(began, EPOCH + HOUR + MINUTE) == EPOCH + HOUR + 4 * MINUTE


def test_what_is_done_but_for_its_end_is_estimated_for_now() -> None:
    assert estimated_completion(running(5, 5), EPOCH + MINUTE) == EPOCH + MINUTE


@pytest.mark.parametrize(
    "task",
    [
        running(0, 100),
        running(5, 0),
        replace(running(5, 10), started=None),
        replace(running(5, 10), state=State.SUCCEEDED),
        replace(running(5, 10), state=State.FAILED),
        replace(running(1, 10**12), started=EPOCH - 24 * HOUR),
    ],
)
def test_without_a_rate_there_is_no_estimate(task: Task) -> None:
    assert estimated_completion(task, EPOCH + MINUTE) is None


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(-3600, 10**6))
def test_the_estimate_is_never_in_the_past(done: int, total: int, seconds: int) -> None:
    now = EPOCH + timedelta(seconds=seconds)

    estimate = estimated_completion(running(done, total), now)

    assert estimate is None or estimate >= now


@given(st.lists(REPORTS))
def test_the_share_never_falls(reports: list[tuple[int, int | None]]) -> None:
    progress, shares = Progress(), []
    for current, total in reports:
        progress = reported(progress, current, total)
        if progress.total:
            shares.append(progress.ended / progress.total)

    assert shares == sorted(shares)
    assert all(share <= 1 for share in shares)


@pytest.mark.parametrize(
    ("before", "report", "after"),
    [
        (Progress(), (5, None), Progress(succeeded=5)),
        (Progress(succeeded=5), (3, None), Progress(succeeded=5)),
        (Progress(succeeded=5), (6, 10), Progress(total=10, succeeded=6)),
        (Progress(total=10, succeeded=5), (6, None), Progress(total=10, succeeded=6)),
        (Progress(total=10, succeeded=5), (6, 20), Progress(total=10, succeeded=5)),
        (Progress(total=10, succeeded=5), (12, 20), Progress(total=20, succeeded=12)),
        (Progress(total=10, succeeded=5), (99, 10), Progress(total=10, succeeded=10)),
    ],
)
def test_what_a_report_changes(
    before: Progress, report: tuple[int, int | None], after: Progress
) -> None:
    assert reported(before, *report) == after
