"""Why is a task not running? One sentence and the facts; a pure decision over what was read.

Each reason is a function of the facts, in waiting.py, running.py or ended.py. To add one: a word in
`Reason`, a fact if it needs another, and the function in its tuple, in its place among the others.
"""

from dataclasses import replace

from windrow.model.explanation import running, waiting
from windrow.model.explanation.ended import ended
from windrow.model.explanation.facts import (
    Ahead,
    Chunks,
    Explanation,
    Fact,
    Facts,
    Family,
    Reason,
    Slots,
)
from windrow.model.states import State

__all__ = [
    "Ahead",
    "Chunks",
    "Explanation",
    "Fact",
    "Facts",
    "Family",
    "Reason",
    "Slots",
    "explained",
]


def explained(facts: Facts) -> Explanation:
    """The strongest reason that holds, with the others in `also`."""
    if facts.record.state.is_over:
        return ended(facts)
    is_running = facts.record.state is State.RUNNING
    first, *others = running.reasons(facts) if is_running else waiting.reasons(facts)
    return replace(first, also=(*others, *_of_the_oldest_chunk(facts)))


def _of_the_oldest_chunk(facts: Facts) -> tuple[Explanation, ...]:
    oldest = facts.chunks.oldest if facts.chunks else None
    if oldest is None:
        return ()
    number = oldest.record.ref.chunk or 0
    told = explained(oldest)
    sentence = f"Of its chunks the oldest is number {number}. {told.sentence}"
    return (replace(told, sentence=sentence, facts={"chunk": number, **told.facts}, also=()),)
