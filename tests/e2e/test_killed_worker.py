"""A worker that is killed with SIGKILL in the middle of a chunk, and what heals it.

"already_running forever" is seed 000's own known bug ("restart the application"). Here nothing is
restarted and nothing is swept by hand: the stack's own sweeper finds the chunk.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from tests.e2e.processes import processes
from tests.e2e.refreshes import Refreshes
from tests.e2e.waiting import eventually
from windrow.local.stack import LocalStack
from windrow.model.records import Chunk, Task
from windrow.model.states import State

# The function's 60 s and 10 s for clocks, a minute to the next sweep, 10 s of the emulator's
# schedules, and the machine's noise.
RECOVERY = timedelta(seconds=170)
# A chunk takes a quarter of a second, so the first refresh is nearly always hit.
TRIES = 5


@contextmanager
def standing_still(stack: LocalStack) -> Iterator[list[int]]:
    """The worker's processes, stopped where they are; those that live on go on afterwards."""
    workers = processes(stack, "WorkerFunction")
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield workers
    finally:
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def half_done(refreshes: Refreshes, task: Task) -> list[Chunk]:
    """The running chunks, if each has stored some of its rows and not all; otherwise none."""
    running = [each for each in refreshes.chunks(task) if each.state is State.RUNNING]
    planned = refreshes.planned(task)
    stored = set(refreshes.rows())
    for chunk in running:
        rows = planned[chunk.first : chunk.first + chunk.count]
        # One less than all: a write that was under way when its worker was stopped still arrives.
        if not 0 < len(stored.intersection(rows)) < len(rows) - 1:
            return []
    return running


def was_killed(refreshes: Refreshes, task: Task) -> bool:
    """Kill a worker if every worker is in the middle of a chunk: then it hits, whichever it is."""
    if not any(each.state is State.RUNNING for each in refreshes.chunks(task)):
        return False
    with standing_still(refreshes.stack) as workers:
        if not workers or len(half_done(refreshes, task)) != len(workers):
            return False
        os.kill(workers[0], signal.SIGKILL)
    return True


def refresh_with_a_killed_worker(refreshes: Refreshes) -> Task:
    """Start refreshes until one of them loses a worker in the middle of a chunk; that one."""
    for _ in range(TRIES):
        assert refreshes.start()["status"] == "started"
        task = refreshes.newest()
        for _ in refreshes.polls():
            if was_killed(refreshes, task):
                return task
    raise AssertionError(f"no worker was met in the middle of a chunk in {TRIES} refreshes")


def test_a_refresh_whose_worker_is_killed_ends_by_itself_with_every_row_once(
    refreshed: Refreshes,
) -> None:
    task = refresh_with_a_killed_worker(refreshed)

    stuck = eventually(refreshed.status, lambda seen: seen["countries_processed"] == 200)
    assert stuck["is_running"]
    stored = set(refreshed.rows()).intersection(refreshed.planned(task))
    assert 200 < len(stored) < 250
    assert refreshed.start() == {
        "message": "Refresh already in progress",
        "status": "already_running",
        "started_at": f"{task.created:%Y-%m-%dT%H:%M:%S}",
    }
    ended = refreshed.end(within=RECOVERY)

    assert (ended["status"], ended["error"]) == ("completed", None)
    assert ended["countries_processed"] == 250
    rows = refreshed.rows()
    assert len(rows) == len({row.name.casefold() for row in rows}) == 250
    assert sorted(rows) == sorted(refreshed.planned(task))
    assert refreshed.api.get("/api/v1/countries/image").content.startswith(b"\x89PNG")
    chunks = refreshed.chunks(task)
    assert [chunk.state for chunk in chunks] == [State.SUCCEEDED] * 5
    assert sorted((chunk.crashes, chunk.attempt) for chunk in chunks) == [(0, 1)] * 4 + [(1, 2)]
    assert refreshed.start()["status"] == "started"
