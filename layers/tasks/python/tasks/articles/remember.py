"""Remember: bring what an article gave to the table in one step, and count what it changed.

All writes are one transaction with the step's marker, so that a task that is tried again after its
words were stored stores nothing a second time. What it counts it reads from the rows themselves:
a row that names this task as the one that added it is new, whichever attempt wrote it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.articles.word import Word, key_of
from tasks.articles.words import Row, Source, Words, merged
from windrow import Context, WriteRefused

STEP = "words"
# Each round meets a row that another task has changed in between; five of them are no accident.
ROUNDS = 5

# The sentences in which known words were met again, by their keys.
type Met = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many words an article brought, and to how many known ones it added sentences."""

    new: int
    updated: int


def remember(
    context: Context, words: Words, chosen: Sequence[Word], met: Met, source: Source
) -> Counted:
    """Store the words that were chosen, and the sentences in which known ones were met again.

    A word that another task has stored meanwhile is updated instead. Raises WriteRefused when the
    rows keep changing.
    """
    for round_ in range(1, ROUNDS + 1):
        rows = words.known([*(word.lemma for word in chosen), *met])
        writes = list(_writes(words, rows, chosen, met, source))
        try:
            if writes:
                context.transact(STEP, writes)
            break
        except WriteRefused:
            if round_ == ROUNDS:
                raise
    rows = words.known(word.lemma for word in chosen)
    new = sum(row.added_by == source.task_id for row in rows.values())
    return Counted(new, len(rows) - new + len(met))


def _writes(
    words: Words, rows: Mapping[str, Row], chosen: Sequence[Word], met: Met, source: Source
) -> Any:
    """One write a row: a transaction that writes a row twice is refused, each time anew."""
    first: dict[str, Word] = {}
    for word in chosen:
        first.setdefault(key_of(word.lemma), word)
    for key, word in first.items():
        row = rows.get(key)
        if row is None:
            yield words.added(word, source)
        elif row.added_by != source.task_id:
            yield words.updated(key, row, word.examples, source)
    for key, examples in met.items():
        row = rows.get(key)
        if key not in first and row is not None and merged(row.examples, examples) != row.examples:
            yield words.updated(key, row, examples, source)
