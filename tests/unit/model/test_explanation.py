"""Why a task does not run: each reason as a person reads it, from facts alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.clock import EPOCH
from windrow.model.explanation import Ahead, Chunks, Facts, Family, Reason, Slots, explained
from windrow.model.modes import Orders
from windrow.model.records import Chunk, Failure, Progress, Task
from windrow.model.ref import Ref
from windrow.model.states import Phase, State

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TEN = EPOCH.replace(minute=0)
BOOM = Failure("ValueError", "not now.")
QUEUED = Task(
    ref=Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E"),
    pool="default",
    name="count",
    created=TEN,
    queued=TEN,
    not_before=TEN,
    due=TEN + MINUTE,
    deadline=TEN + 24 * HOUR,
)
RUNNING = replace(
    QUEUED,
    state=State.RUNNING,
    attempt=2,
    owner="a worker",
    started=TEN,
    lease=TEN + MINUTE,
    due=TEN + MINUTE,
)
MAPPED = replace(RUNNING, phase=Phase.CHUNKS, lease=None)
CHUNK = Chunk(
    ref=QUEUED.ref.chunk_at(3),
    pool="default",
    created=TEN,
    queued=TEN,
    not_before=TEN,
    deadline=TEN + 24 * HOUR,
    first=150,
    count=50,
    offset=0,
    length=9,
)
ENDED = replace(RUNNING, lease=None, due=None, ended=TEN)


def facts(record: Task | Chunk, **known: Any) -> Facts:
    """What is known of a record at the beginning of the tests' time; nothing else is the matter."""
    lease = record.lease + 5 * SECOND if record.lease else None
    return Facts(
        **{"record": record, "now": TEN, "orders": Orders(), "crashes": 5, "lease_over": lease}
        | known
    )


LATER: dict[str, Any] = {"not_before": TEN + 5 * MINUTE}
WAITING: dict[str, tuple[Facts, Reason, str]] = {
    "its time is to come": (
        facts(replace(QUEUED, **LATER)),
        Reason.WAITS_FOR_TIME,
        "It waits for its time: it starts no earlier than 10:05:00Z (in 5 min).",
    ),
    "its time is another day": (
        facts(replace(QUEUED, not_before=TEN + 50 * HOUR)),
        Reason.WAITS_FOR_TIME,
        "It waits for its time: it starts no earlier than 2026-01-17 12:00Z (in 2 days).",
    ),
    "it failed once": (
        facts(replace(QUEUED, **LATER, attempt=1, failures=1, error=BOOM), tries=5),
        Reason.WAITS_FOR_RETRY,
        "It waits for try 2 of 5, at 10:05:00Z (in 5 min), because the last attempt ended with"
        " ValueError: not now.",
    ),
    "it failed and nobody knows how often it may": (
        facts(replace(QUEUED, **LATER, attempt=1, failures=1, error=BOOM)),
        Reason.WAITS_FOR_RETRY,
        "It waits for try 2, at 10:05:00Z (in 5 min), because the last attempt ended with"
        " ValueError: not now.",
    ),
    "it was interrupted": (
        facts(
            replace(QUEUED, **LATER, attempt=1, crashes=1, error=Failure("Unavailable", "no table"))
        ),
        Reason.WAITS_FOR_RETRY,
        "It waits to go on after interruption 1 of at most 5, at 10:05:00Z (in 5 min), because"
        " the last attempt ended with Unavailable: no table.",
    ),
    "it failed and was interrupted": (
        facts(replace(QUEUED, **LATER, attempt=2, crashes=1, failures=1, error=BOOM)),
        Reason.WAITS_FOR_RETRY,
        "It waits for its next attempt, at 10:05:00Z (in 5 min), because the last attempt ended"
        " with ValueError: not now.",
    ),
    "its pool is paused": (
        facts(QUEUED, orders=Orders(paused=TEN - 2 * HOUR)),
        Reason.POOL_PAUSED,
        "Pool 'default' is paused since 08:00:00Z (2 h ago): nothing starts there until it is"
        " resumed.",
    ),
    "its pool is stopped": (
        facts(QUEUED, orders=Orders(paused=TEN - SECOND, draining=TEN - MINUTE)),
        Reason.POOL_PAUSED,
        "Pool 'default' is paused since 09:59:59Z (1 s ago): nothing starts there until it is"
        " resumed, and nothing new is accepted.",
    ),
    "its type's limit is used up": (
        facts(replace(QUEUED, waits_for="count"), slots=Slots(2, 2, ("A", "B/0/7"))),
        Reason.WAITS_FOR_SLOT,
        "It waits for a slot: the limit of 2 of 'count' is used up by 2 attempts, A, B/0/7.",
    ),
    "its type's limit is used up by others too": (
        facts(replace(QUEUED, waits_for="count"), slots=Slots(2, 2, ("A",))),
        Reason.WAITS_FOR_SLOT,
        "It waits for a slot: the limit of 2 of 'count' is used up by 2 attempts, A among them.",
    ),
    "a limit that is not known here is used up by others": (
        facts(replace(QUEUED, waits_for="count"), slots=Slots(None, 1)),
        Reason.WAITS_FOR_SLOT,
        "It waits for a slot: the limit of 'count' is used up by 1 attempt.",
    ),
    "a slot has become free": (
        facts(replace(QUEUED, waits_for="count"), slots=Slots(2, 1)),
        Reason.WAITS_FOR_SLOT,
        "It waits for a slot: one of the 2 slots of 'count' has just become free.",
    ),
    "others come first": (
        facts(QUEUED, ahead=Ahead(3, 1)),
        Reason.BEHIND_OTHERS,
        "It waits for a worker of pool 'default', behind 3 of higher priority and 1 that waits"
        " longer.",
    ),
    "many others come first": (
        facts(QUEUED, ahead=Ahead(0, 100, is_more=True)),
        Reason.BEHIND_OTHERS,
        "It waits for a worker of pool 'default', behind at least 100 that wait longer.",
    ),
    "others have aged more": (
        facts(QUEUED, ahead=Ahead(urgent=2)),
        Reason.BEHIND_OTHERS,
        "It waits for a worker of pool 'default', behind 2 that are more urgent by now.",
    ),
    "nothing is ahead of it": (
        facts(QUEUED, ahead=Ahead(), now=TEN + 3 * SECOND),
        Reason.WAITS_FOR_WORKER,
        "It waits for a worker of pool 'default', for 3 s now: nothing is ahead of it.",
    ),
    "a chunk waits in its queue": (
        facts(CHUNK, now=TEN + 3 * SECOND),
        Reason.WAITS_FOR_WORKER,
        "It waits for a worker of pool 'default', for 3 s now.",
    ),
    "its hint may be lost": (
        facts(QUEUED, ahead=Ahead(), now=TEN + 70 * SECOND),
        Reason.OVERLOOKED,
        "No worker of pool 'default' has come for it in 1 min: all are busy, or its hint was lost."
        " The sweeper looks at it within a minute of 10:01:10Z.",
    ),
    "its hints do not help": (
        facts(
            replace(QUEUED, sends=2, dead=1, due=TEN + 7 * MINUTE),
            ahead=Ahead(),
            now=TEN + 5 * MINUTE,
        ),
        Reason.OVERLOOKED,
        "No worker of pool 'default' has come for it in 5 min: all are busy, or its hint was lost."
        " The sweeper looks at it within a minute of 10:07:00Z and has sent 2 more hints so far."
        " (1 hint of it ended as dead letters.)",
    ),
    "its deadline passed": (
        facts(replace(QUEUED, deadline=TEN - SECOND)),
        Reason.TOO_LATE,
        "Its deadline passed at 09:59:59Z (1 s ago): no attempt starts any more, and the next"
        " worker or sweep that meets it ends it as failed.",
    ),
    "it was not started in time": (
        facts(replace(QUEUED, start_by=TEN - SECOND)),
        Reason.TOO_LATE,
        "It was to start within a time that passed at 09:59:59Z (1 s ago): no attempt starts any"
        " more, and the next worker or sweep that meets it ends it as failed.",
    ),
    "its type is unknown": (
        facts(QUEUED, is_known=False),
        Reason.UNKNOWN_TYPE,
        "No task is named 'count' here: unless the workers are of another version and know it,"
        " nothing can start it.",
    ),
    "its parent is to end": (
        facts(replace(QUEUED, parent="PARENT", number=0), parent_ends=True),
        Reason.PARENT_ENDS,
        "Its parent PARENT is to end, and starts no more of its children: the next worker that"
        " meets it ends it as cancelled.",
    ),
    "its pool has no queue": (
        facts(QUEUED, has_queue=False),
        Reason.NO_QUEUE,
        "Pool 'default' has no queue here, so it has no workers that could start it.",
    ),
}
ASKED: dict[str, Any] = {"cancel_requested": TEN - SECOND}
STARTED: dict[str, tuple[Facts, Reason, str]] = {
    "it runs": (
        facts(RUNNING),
        Reason.RUNS,
        "Attempt 2 runs: it holds the lease until 10:01:00Z (in 1 min).",
    ),
    "a map is planned": (
        facts(replace(RUNNING, phase=Phase.PLAN)),
        Reason.RUNS,
        "Attempt 2 plans its items: it holds the lease until 10:01:00Z (in 1 min).",
    ),
    "a map is cut": (
        facts(replace(RUNNING, phase=Phase.PLAN, items="items/1")),
        Reason.RUNS,
        "Attempt 2 writes its chunks: it holds the lease until 10:01:00Z (in 1 min).",
    ),
    "a map is finished": (
        facts(replace(RUNNING, phase=Phase.FINISH)),
        Reason.RUNS,
        "Attempt 2 does its finish: it holds the lease until 10:01:00Z (in 1 min).",
    ),
    "its worker is gone": (
        facts(RUNNING, now=TEN + 2 * MINUTE),
        Reason.WORKER_GONE,
        "Attempt 2 was to be over at 10:01:00Z (1 min ago), and its worker is probably gone:"
        " within a minute of 10:02:00Z the sweeper has another one take it over.",
    ),
    "its worker is gone once too often": (
        facts(replace(RUNNING, crashes=5, due=TEN + 3 * MINUTE), now=TEN + 2 * MINUTE),
        Reason.WORKER_GONE,
        "Attempt 2 was to be over at 10:01:00Z (1 min ago), and its worker is probably gone:"
        " within a minute of 10:03:00Z the sweeper has it given up, as it crashed 5 times before.",
    ),
    "its worker is gone and it was to be cancelled": (
        facts(replace(RUNNING, **ASKED), now=TEN + 2 * MINUTE),
        Reason.WORKER_GONE,
        "Attempt 2 was to be over at 10:01:00Z (1 min ago), and its worker is probably gone:"
        " within a minute of 10:02:00Z the sweeper ends it as cancelled, as was asked.",
    ),
    "it was asked to stop": (
        facts(replace(RUNNING, **ASKED)),
        Reason.CANCELLING,
        "It was asked to stop at 09:59:59Z (1 s ago): attempt 2 ends when it next reports or would"
        " be tried again, by 10:01:00Z at the latest.",
    ),
    "a map was asked to stop": (
        facts(replace(MAPPED, **ASKED), chunks=Chunks(4, 1, 1, 2)),
        Reason.CANCELLING,
        "It was asked to stop at 09:59:59Z (1 s ago): no more of its chunks start, and it ends when"
        " those that run have ended.",
    ),
    "a map waits for its chunks": (
        facts(MAPPED, chunks=Chunks(4_000, 1_200, 20, 400, is_partial=True)),
        Reason.WAITS_FOR_CHUNKS,
        "It waits for its chunks: at least 1,200 of 4,000 have ended, 20 run and 400 wait.",
    ),
    "all chunks have ended": (
        facts(MAPPED, chunks=Chunks(4, 4, 0, 0)),
        Reason.CHUNKS_ENDED,
        "All of its 4 chunks have ended: the last one moves it on, or else the sweeper does within"
        " a minute of 10:01:00Z.",
    ),
}
FAMILY = replace(RUNNING, phase=Phase.CHILDREN, lease=None)
STARTED |= {
    "a parent makes its children": (
        facts(replace(RUNNING, phase=Phase.MAKE)),
        Reason.RUNS,
        "Attempt 2 makes its children: it holds the lease until 10:01:00Z (in 1 min).",
    ),
    "a parent waits for its children": (
        facts(FAMILY, family=Family(6, 6, ("A", "B", "C", "D"))),
        Reason.WAITS_FOR_CHILDREN,
        "It waits for its children: 2 of 6 have ended, and not yet A, B, C and 1 more.",
    ),
    "a chain waits for a step": (
        facts(FAMILY, family=Family(3, 2, ("B",))),
        Reason.WAITS_FOR_CHILDREN,
        "It waits for its children: 1 of 3 have ended, and not yet B.",
    ),
    "all children have ended": (
        facts(FAMILY, family=Family(3, 3)),
        Reason.CHILDREN_ENDED,
        "All of its children have ended: the last one moves it on, or else the sweeper does within"
        " a minute of 10:01:00Z.",
    ),
    "a step has ended and the next one has not begun": (
        facts(FAMILY, family=Family(3, 2)),
        Reason.CHILDREN_ENDED,
        "Those that began have ended: the last one moves it on, or else the sweeper does within a"
        " minute of 10:01:00Z.",
    ),
    "a parent was asked to stop": (
        facts(replace(FAMILY, **ASKED), family=Family(3, 3, ("C",))),
        Reason.CANCELLING,
        "It was asked to stop at 09:59:59Z (1 s ago): no more of its children start, and it ends"
        " when those that run have ended.",
    ),
}
FAILED = replace(ENDED, state=State.FAILED)
OVER: dict[str, tuple[Facts, Reason, str]] = {
    "it succeeded": (
        facts(replace(ENDED, state=State.SUCCEEDED)),
        Reason.SUCCEEDED,
        "It succeeded at 10:00:00Z (now).",
    ),
    "it succeeded with errors": (
        facts(
            replace(ENDED, state=State.SUCCEEDED, progress=Progress(40, 37, failed=3), error=BOOM),
            now=TEN + 3 * HOUR + MINUTE,
        ),
        Reason.SUCCEEDED,
        "It succeeded at 10:00:00Z (3 h 1 min ago), but 3 of its 40 items failed and its"
        " best-effort finish failed with ValueError: not now.",
    ),
    "a group lost a child": (
        facts(replace(ENDED, state=State.SUCCEEDED, children=3, lost_children=1)),
        Reason.SUCCEEDED,
        "It succeeded at 10:00:00Z (now), but 1 of the 3 tasks that it is made of did not.",
    ),
    "it gave up": (
        facts(replace(FAILED, error=BOOM), now=TEN + SECOND),
        Reason.FAILED,
        "It failed at 10:00:00Z (1 s ago) after 2 attempts, because of ValueError: not now.",
    ),
    "no worker came in time": (
        facts(
            replace(FAILED, attempt=0, error=Failure("NotStarted", "No worker was free.")),
            now=TEN + SECOND,
        ),
        Reason.FAILED,
        "It failed at 10:00:00Z (1 s ago) before any attempt: No worker was free.",
    ),
    "it was cancelled while it waited": (
        facts(replace(ENDED, state=State.CANCELLED, started=None), now=TEN + SECOND),
        Reason.CANCELLED,
        "It was cancelled at 10:00:00Z (1 s ago), before it had started.",
    ),
    "it was cancelled while it waited to be tried again": (
        facts(replace(ENDED, state=State.CANCELLED), now=TEN + SECOND),
        Reason.CANCELLED,
        "It was cancelled at 10:00:00Z (1 s ago), while it waited for another attempt.",
    ),
    "it was cancelled while it ran": (
        facts(replace(ENDED, **ASKED, state=State.CANCELLED), now=TEN + SECOND),
        Reason.CANCELLED,
        "It was cancelled at 10:00:00Z (1 s ago), as was asked at 09:59:59Z (2 s ago).",
    ),
}
EVERY = WAITING | STARTED | OVER


@pytest.mark.parametrize("case", EVERY)
def test_each_reason_is_a_sentence(case: str) -> None:
    known, reason, sentence = EVERY[case]

    told = explained(known)

    assert (told.reason, told.sentence) == (reason, sentence)


def test_every_reason_has_a_sentence_here() -> None:
    assert {reason for _, reason, _ in EVERY.values()} == set(Reason)


def test_all_that_holds_is_said_the_strongest_first() -> None:
    known = facts(replace(QUEUED, **LATER), orders=Orders(paused=TEN - SECOND), has_queue=False)

    told = explained(known)

    assert [told.reason, *(each.reason for each in told.also)] == [
        Reason.NO_QUEUE,
        Reason.WAITS_FOR_TIME,
        Reason.POOL_PAUSED,
    ]


def test_a_map_says_what_its_oldest_chunk_waits_for() -> None:
    waiting = replace(CHUNK, **LATER, failures=1, error=BOOM)
    chunks = Chunks(4, 3, 0, 1, oldest=facts(waiting, tries=3))

    (oldest,) = explained(facts(MAPPED, chunks=chunks)).also

    assert oldest.sentence == (
        "Of its chunks the oldest is number 3. It waits for try 2 of 3, at 10:05:00Z (in 5 min),"
        " because the last attempt ended with ValueError: not now."
    )
    assert oldest.facts["chunk"] == 3


def test_a_long_reason_is_cut_in_the_sentence_and_whole_in_the_facts() -> None:
    long = Failure("ValueError", "no\n" * 500)

    told = explained(facts(replace(FAILED, error=long)))

    assert len(told.sentence) < 500
    assert "\n" not in told.sentence
    assert told.facts["message"] == "no\n" * 500
