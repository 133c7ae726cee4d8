"""Why a record that waits has not been started: each reason looks at the facts, and answers if it
holds. Of those in REASONS the first are the stronger ones; to add one is to add a function.
"""

from collections.abc import Callable

from windrow.model.explanation.facts import Explanation, Fact, Facts, Reason
from windrow.model.explanation.words import at, many, span, when, why
from windrow.model.records import HINT_GRACE, Chunk, Task

# So many holders of slots are named.
NAMED = 5


def too_late(facts: Facts) -> Explanation | None:
    record, now = facts.record, facts.now
    if record.deadline <= now:
        passed, what = record.deadline, "Its deadline passed"
    elif isinstance(record, Task) and record.is_too_late(now) and record.start_by:
        passed, what = record.start_by, "It was to start within a time that passed"
    else:
        return None
    return Explanation(
        Reason.TOO_LATE,
        f"{what} at {when(passed, now)}: no attempt starts any more, and the next worker or"
        " sweep that meets it ends it as failed.",
        {"passed_at": passed},
    )


def unknown_type(facts: Facts) -> Explanation | None:
    if facts.is_known or not isinstance(facts.record, Task):
        return None
    name = facts.record.name
    return Explanation(
        Reason.UNKNOWN_TYPE,
        f"No task is named {name!r} here: unless the workers are of another version and know it,"
        " nothing can start it.",
        {"name": name},
    )


def no_queue(facts: Facts) -> Explanation | None:
    if facts.has_queue:
        return None
    pool = facts.record.pool
    sentence = f"Pool {pool!r} has no queue here, so it has no workers that could start it."
    return Explanation(Reason.NO_QUEUE, sentence, {"pool": pool})


def parent_ends(facts: Facts) -> Explanation | None:
    record = facts.record
    if not facts.parent_ends or not isinstance(record, Task) or record.parent is None:
        return None
    return Explanation(
        Reason.PARENT_ENDS,
        f"Its parent {record.parent} is to end, and starts no more of its children: the next"
        " worker that meets it ends it as cancelled.",
        {"parent": record.parent},
    )


def waits_for_retry(facts: Facts) -> Explanation | None:
    record, now = facts.record, facts.now
    if record.not_before <= now or record.error is None:
        return None
    if record.failures and not record.crashes:
        of = f" of {facts.tries}" if facts.tries else ""
        what = f"for try {record.failures + 1}{of}"
    elif record.crashes and not record.failures:
        what = f"to go on after interruption {record.crashes} of at most {facts.crashes}"
    else:
        what = "for its next attempt"
    return Explanation(
        Reason.WAITS_FOR_RETRY,
        f"It waits {what}, at {when(record.not_before, now)}, because the last attempt ended with"
        f" {why(record.error)}.",
        {
            "not_before": record.not_before,
            "failures": record.failures,
            "crashes": record.crashes,
            **({"tries": facts.tries} if facts.tries else {}),
            "error": record.error.kind,
            "message": record.error.message,
        },
    )


def waits_for_time(facts: Facts) -> Explanation | None:
    record, now = facts.record, facts.now
    if record.not_before <= now or record.error is not None:
        return None
    return Explanation(
        Reason.WAITS_FOR_TIME,
        f"It waits for its time: it starts no earlier than {when(record.not_before, now)}.",
        {"not_before": record.not_before},
    )


def pool_paused(facts: Facts) -> Explanation | None:
    paused, draining = facts.orders.paused, facts.orders.draining
    if paused is None:
        return None
    pool = facts.record.pool
    return Explanation(
        Reason.POOL_PAUSED,
        f"Pool {pool!r} is paused since {when(paused, facts.now)}: nothing starts there until it"
        f" is resumed{', and nothing new is accepted' if draining else ''}.",
        {
            "pool": pool,
            "paused_since": paused,
            **({"draining_since": draining} if draining else {}),
        },
    )


def waits_for_slot(facts: Facts) -> Explanation | None:
    limit, slots = facts.record.waits_for, facts.slots
    if limit is None or slots is None:
        return None
    if slots.count is not None and slots.held < slots.count:
        told = f"one of the {many(slots.count, 'slot')} of {limit!r} has just become free."
    else:
        others = slots.holders[:NAMED]
        named = f", {', '.join(others)}{' among them' if len(others) < slots.held else ''}"
        allowed = f" of {slots.count}" if slots.count is not None else ""
        told = (
            f"the limit{allowed} of {limit!r} is used up by"
            f" {many(slots.held, 'attempt')}{named if others else ''}."
        )
    return Explanation(
        Reason.WAITS_FOR_SLOT,
        f"It waits for a slot: {told}",
        {
            "limit": limit,
            **({"slots": slots.count} if slots.count is not None else {}),
            "held": slots.held,
            "holders": slots.holders,
        },
    )


def behind_others(facts: Facts) -> Explanation | None:
    ahead = facts.ahead
    if ahead is None or not ahead.higher + ahead.older + ahead.urgent:
        return None
    parts = [
        f"{count:,} {one if count == 1 else several}"
        for count, one, several in (
            (ahead.higher, "of higher priority", "of higher priority"),
            (ahead.older, "that waits longer", "that wait longer"),
            (ahead.urgent, "that is more urgent by now", "that are more urgent by now"),
        )
        if count
    ]
    strictly: dict[str, Fact] = {"higher": ahead.higher, "older": ahead.older}
    counts = {"more_urgent": ahead.urgent} if ahead.urgent else strictly
    return Explanation(
        Reason.BEHIND_OTHERS,
        f"It waits for a worker of pool {facts.record.pool!r}, behind"
        f" {'at least ' if ahead.is_more else ''}{' and '.join(parts)}.",
        {"pool": facts.record.pool, **counts, "is_partial": ahead.is_more},
    )


def overlooked(facts: Facts) -> Explanation | None:
    record, now = facts.record, facts.now
    if facts.waited < HINT_GRACE or record.due is None:
        return None
    look = f"The sweeper looks at it within a minute of {at(max(record.due, now), now)}"
    sent = f" and has sent {many(record.sends, 'more hint')} so far" if record.sends else ""
    dead = f" ({many(record.dead, 'hint')} of it ended as dead letters.)" if record.dead else ""
    return Explanation(
        Reason.OVERLOOKED,
        f"No worker of pool {record.pool!r} has come for it in {span(facts.waited)}: all are busy,"
        f" or its hint was lost. {look}{sent}.{dead}",
        {
            "pool": record.pool,
            "waits_since": facts.waits_since,
            "next_look_at": record.due,
            "hints_again": record.sends,
            "dead_hints": record.dead,
        },
    )


def waits_for_worker(facts: Facts) -> Explanation:
    pool = facts.record.pool
    first = "" if isinstance(facts.record, Chunk) else ": nothing is ahead of it"
    return Explanation(
        Reason.WAITS_FOR_WORKER,
        f"It waits for a worker of pool {pool!r}, for {span(facts.waited)} now{first}.",
        {"pool": pool, "waits_since": facts.waits_since},
    )


REASONS: tuple[Callable[[Facts], Explanation | None], ...] = (
    too_late,
    unknown_type,
    no_queue,
    parent_ends,
    waits_for_retry,
    waits_for_time,
    pool_paused,
    waits_for_slot,
    behind_others,
)


def reasons(facts: Facts) -> list[Explanation]:
    """Everything that holds of a record that waits, the strongest first; never nothing."""
    found = [explanation for reason in REASONS if (explanation := reason(facts))]
    return found or [overlooked(facts) or waits_for_worker(facts)]
