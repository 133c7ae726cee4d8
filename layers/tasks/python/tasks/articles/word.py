"""A word of an article, as it travels from the text to the table and to whoever asked."""

import json
from dataclasses import dataclass
from typing import Any

# A longer sentence shows nobody how a word is used: a word that has no shorter one has no example.
# The bytes are those of its JSON: fifty new words with five examples each, and forty known ones
# with two, are a step's memo, which holds 300 KB.
LONGEST_EXAMPLE = 500
LARGEST_EXAMPLE = 750


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word that is worth learning.

    word            the form in which it first came
    lemma           the form that a dictionary lists
    pos             its part of speech; None unless a model said it
    translation     None where nobody knew one
    translated_by   who knew it: glossary, translate, or the model's id
    examples        sentences of the article, as they stand there
    """

    word: str
    lemma: str
    pos: str | None = None
    translation: str | None = None
    translated_by: str | None = None
    examples: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The word in the seed's keys, and who translated it."""
        return {
            "word": self.word,
            "lemma": self.lemma,
            "pos": self.pos,
            "translation": self.translation,
            "examples": list(self.examples),
            "translated_by": self.translated_by,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Word":
        """The word of what `to_json` made."""
        return cls(**{**value, "examples": tuple(value["examples"])})


def key_of(lemma: str) -> str:
    """One key for all spellings of a lemma."""
    return lemma.casefold()


def is_example(sentence: str) -> bool:
    """Is a sentence short enough to show how a word is used?"""
    if len(sentence) > LONGEST_EXAMPLE:
        return False
    return len(json.dumps(sentence, ensure_ascii=False).encode()) <= LARGEST_EXAMPLE
