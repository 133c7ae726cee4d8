"""What a record that was started is doing, or waits for: reasons as in waiting.py."""

from collections.abc import Callable

from windrow.model.explanation.facts import Explanation, Fact, Facts, Reason
from windrow.model.explanation.words import at, many, when
from windrow.model.records import Chunk, Task
from windrow.model.states import Phase

# So many children that have not ended are named.
NAMED = 3


def worker_gone(facts: Facts) -> Explanation | None:
    record, now = facts.record, facts.now
    if record.lease is None or not _is_gone(facts):
        return None
    look = at(max(record.due or now, now), now)
    if record.cancel_requested:
        then = "ends it as cancelled, as was asked"
    elif record.crashes >= facts.crashes:
        then = f"has it given up, as it crashed {many(record.crashes, 'time')} before"
    else:
        then = "has another one take it over"
    return Explanation(
        Reason.WORKER_GONE,
        f"Attempt {record.attempt} was to be over at {when(record.lease, now)}, and its worker is"
        f" probably gone: within a minute of {look} the sweeper {then}.",
        {
            "attempt": record.attempt,
            "lease_until": record.lease,
            "crashes": record.crashes,
            **({"next_look_at": record.due} if record.due else {}),
        },
    )


def cancelling(facts: Facts) -> Explanation | None:
    record, now = facts.record, facts.now
    if record.cancel_requested is None or _is_gone(facts):
        return None
    if record.lease is None:
        parts = "children" if facts.family else "chunks"
        then = f"no more of its {parts} start, and it ends when those that run have ended"
    else:
        then = (
            f"attempt {record.attempt} ends when it next reports or would be tried again, by"
            f" {at(record.lease, now)} at the latest"
        )
    return Explanation(
        Reason.CANCELLING,
        f"It was asked to stop at {when(record.cancel_requested, now)}: {then}.",
        {"cancel_requested_at": record.cancel_requested},
    )


def chunks(facts: Facts) -> Explanation | None:
    found, record, now = facts.chunks, facts.record, facts.now
    if found is None:
        return None
    counts: dict[str, Fact] = {
        "chunks": found.total,
        "ended": found.ended,
        "running": found.running,
        "waiting": found.waiting,
        "is_partial": found.is_partial,
    }
    if found.ended == found.total and not found.is_partial:
        look = at(max(record.due or now, now), now)
        return Explanation(
            Reason.CHUNKS_ENDED,
            f"All of its {found.total:,} chunks have ended: the last one moves it on, or else the"
            f" sweeper does within a minute of {look}.",
            {**counts, **({"next_look_at": record.due} if record.due else {})},
        )
    least = "at least " if found.is_partial else ""
    return Explanation(
        Reason.WAITS_FOR_CHUNKS,
        f"It waits for its chunks: {least}{found.ended:,} of {found.total:,} have ended,"
        f" {found.running:,} run and {found.waiting:,} wait.",
        counts,
    )


def children(facts: Facts) -> Explanation | None:
    family, record, now = facts.family, facts.record, facts.now
    if family is None:
        return None
    counts: dict[str, Fact] = {
        "children": family.total,
        "begun": family.begun,
        "ended": family.begun - len(family.left),
        "left": family.left,
    }
    if not family.left:
        look = at(max(record.due or now, now), now)
        what = "All of its children" if family.begun == family.total else "Those that began"
        return Explanation(
            Reason.CHILDREN_ENDED,
            f"{what} have ended: the last one moves it on, or else the sweeper does within a minute"
            f" of {look}.",
            {**counts, **({"next_look_at": record.due} if record.due else {})},
        )
    named = ", ".join(family.left[:NAMED])
    more = f" and {len(family.left) - NAMED:,} more" if len(family.left) > NAMED else ""
    return Explanation(
        Reason.WAITS_FOR_CHILDREN,
        f"It waits for its children: {family.begun - len(family.left):,} of {family.total:,} have"
        f" ended, and not yet {named}{more}.",
        counts,
    )


def runs(facts: Facts) -> Explanation | None:
    record, now = facts.record, facts.now
    if record.lease is None or record.cancel_requested or _is_gone(facts):
        return None
    return Explanation(
        Reason.RUNS,
        f"Attempt {record.attempt} {_does(record)}: it holds the lease until"
        f" {when(record.lease, now)}.",
        {"attempt": record.attempt, "lease_until": record.lease},
    )


def _is_gone(facts: Facts) -> bool:
    """Has its lease run out, so that whoever held it must be dead, or will be refused?"""
    return facts.lease_over is not None and facts.lease_over < facts.now


def _does(record: Task | Chunk) -> str:
    if not isinstance(record, Task) or record.phase is None:
        return "runs"
    if record.phase is Phase.PLAN:
        return "plans its items" if record.items is None else "writes its chunks"
    return "makes its children" if record.phase.is_of_children else "does its finish"


REASONS: tuple[Callable[[Facts], Explanation | None], ...] = (
    worker_gone,
    cancelling,
    chunks,
    children,
    runs,
)


def reasons(facts: Facts) -> list[Explanation]:
    """Everything that holds of a record that runs, the strongest first."""
    return [found for reason in REASONS if (found := reason(facts))]
