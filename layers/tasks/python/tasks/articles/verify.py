"""What a model says of an article, held against the article."""

import re
from collections.abc import Sequence, Set
from dataclasses import replace

from tasks.articles.vocabulary import MOST_EXAMPLES
from tasks.articles.word import Word, is_example, key_of

SPACES = re.compile(r"\s+")


def verified(words: Sequence[Word], sentences: Sequence[str], known: Set[str]) -> list[Word]:
    """Those words that stand in the article, are not known, and were not named before.

    Their examples are sentences of the article, as it has them; where a model gave none that is
    one, those in which the word stands. A word that stands only in sentences that are too long has
    none.
    """
    own = {_plain(sentence): sentence for sentence in sentences if is_example(sentence)}
    kept: dict[str, Word] = {}
    for word in words:
        key = key_of(word.lemma)
        standing = _with(word.word, sentences)
        if key in known or key in kept or not standing:
            continue
        given = [own[_plain(each)] for each in word.examples if _plain(each) in own]
        examples = tuple(dict.fromkeys(given or filter(is_example, standing)))[:MOST_EXAMPLES]
        kept[key] = replace(word, examples=examples)
    return list(kept.values())


def _with(word: str, sentences: Sequence[str]) -> list[str]:
    """The sentences in which a word stands, whole and in any case."""
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    return [sentence for sentence in sentences if pattern.search(sentence)]


def _plain(text: str) -> str:
    """A sentence without what copying changes: spaces, quotes, and our own marks."""
    text = text.replace("‹", "<").replace("›", ">")
    return SPACES.sub(" ", text).strip(" \"'«»“”„").casefold()
