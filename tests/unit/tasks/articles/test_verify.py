"""What a model says of an article, held against the article."""

import json

import pytest

from tasks.articles.verify import verified
from tasks.articles.word import LARGEST_EXAMPLE, Word
from windrow.model.payload import LARGEST_MEMO

LONG = "It lends a drill and a ladder to whoever asks for one, "


@pytest.mark.parametrize("copied", [True, False])
def test_a_word_of_a_very_long_sentence_has_no_example(copied: bool) -> None:
    endless = LONG * 2000
    given = Word(word="drill", lemma="drill", examples=(endless,) if copied else ())

    (found,) = verified([given], [endless], set())

    assert found.examples == ()


def test_a_word_of_a_long_sentence_and_a_short_one_has_the_short_one() -> None:
    given = Word(word="drill", lemma="drill", examples=(LONG * 10,))

    (found,) = verified([given], [LONG * 10, "The drill is new."], set())

    assert found.examples == ("The drill is new.",)


@pytest.mark.parametrize("letter", ["x", "ü", '"', "\U0001f400", "\x00"])
def test_what_a_model_can_say_of_any_article_fits_into_a_memo(letter: str) -> None:
    most = max(
        length
        for length in range(501)
        if verified([Word(word="a", lemma="a")], ["a " + letter * length], set())[0].examples
    )
    sentences = [f"a {number} " + letter * (most - 2) for number in range(5)]
    words = [Word(word="a", lemma=str(number)) for number in range(50)]

    found = verified(words, sentences, set())

    text = json.dumps([word.to_json() for word in found], ensure_ascii=False)
    assert {len(word.examples) for word in found} == {5}
    # With forty words that were met again, two sentences each.
    assert len(text.encode()) + 40 * 2 * LARGEST_EXAMPLE < LARGEST_MEMO
