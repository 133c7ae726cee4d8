"""What an article changes in the table, write by write."""

from datetime import UTC, datetime
from unittest.mock import Mock

from tasks.articles.remember import _writes
from tasks.articles.word import Word
from tasks.articles.words import Row, Source, Words
from windrow.aws.dynamodb import decoded

WORDS = Words(Mock(), "table", "default", "de")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
SOURCE = Source(task_id="t1", url="https://news.example/", target="en", at=NOW)


def test_each_row_is_written_once_whatever_was_chosen_and_met() -> None:
    chosen = [Word(word="Essen", lemma="Essen"), Word(word="essen", lemma="essen")]
    biene = Word(word="Biene", lemma="Biene", examples=("Eine Biene summt.",))
    rows = {"biene": Row("Biene", (), "[]", "t0")}

    writes = list(_writes(WORDS, rows, [*chosen, biene], {"biene": ["Bienen summen."]}, SOURCE))

    (put, update) = writes
    assert decoded(put["Put"]["Item"])["lemma"] == "Essen"
    assert decoded(update["Update"]["Key"])["SK"] == "LEMMA#biene"
