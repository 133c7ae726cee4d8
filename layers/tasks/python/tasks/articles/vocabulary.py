"""The words of an article that are worth learning, found without any model.

Each word is brought to its lemma by a dictionary. Left out are words that the language's list of
common words has, short ones, numbers, names, and what the dictionary does not
know. What is left is ranked by how often it comes, times how rare it is likely to be: long words
are rarer than short ones (Zipf's law of abbreviation), and no list of frequencies need be carried.
"""

import re
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from tasks.articles.stoplists import unlearnt
from tasks.articles.word import is_example, key_of

SHORTEST = 3
# Nobody learns a longer one, and looking for the parts of one takes its length squared.
LONGEST = 40
MOST_EXAMPLES = 5
# A word of eight letters counts once; one of twelve or more half as much again, one of four half.
USUAL_LENGTH = 8
RAREST = 1.5
COMMONEST = 0.5
# What German joins is in no dictionary: Haltestelle is, and so Straßenbahnhaltestelle is a word.
JOINED = "de"
SHORTEST_PART = 4

# With nothing to go back for: a stranger's text may be one letter, a hundred thousand times.
WORD = re.compile(r"\w+(?:[-'’@]\w+)*")
JOINTS = re.compile(r"[-'’]")
ELISION = re.compile(r"['’]")
OPENS = frozenset("\"'«“„‘‚(¿¡[—–-")
CAPITAL_NOUNS = frozenset({"de"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lemma, the form it first came in, how often it came, and the sentences it came in."""

    lemma: str
    word: str
    count: int
    examples: tuple[str, ...]

    @property
    def score(self) -> float:
        """How often it came, times how rare it is likely to be."""
        rarity = len(self.lemma) / USUAL_LENGTH
        return self.count * min(max(rarity, COMMONEST), RAREST)


@dataclass(slots=True)
class Token:
    """A word as it stands in a sentence; `is_first` where a capital says nothing of it."""

    text: str
    sentence: int
    is_first: bool


@dataclass(slots=True)
class _Found:
    lemma: str
    word: str
    count: int = 0
    sentences: list[int] = field(default_factory=list)


def candidates(sentences: Sequence[str], language: str) -> list[Candidate]:
    """Every word that is worth learning, best first; equal ones in the order of the article.

    Lemmas with one key are one word: German's Essen and essen count together, under the lemma that
    came first, for the table has one row for both.
    """
    tokens = list(_tokens(sentences))
    lemma_of = _lemmas(tokens, language)
    found: dict[str, _Found] = {}
    for token in tokens:
        lemma = lemma_of(token)
        if lemma is None:
            continue
        entry = found.setdefault(key_of(lemma), _Found(lemma, _shown(token, lemma)))
        entry.count += 1
        if token.sentence not in entry.sentences:
            entry.sentences.append(token.sentence)
    made = [
        Candidate(each.lemma, each.word, each.count, _examples(sentences, each.sentences))
        for each in found.values()
    ]
    return sorted(made, key=lambda each: -each.score)


def select(ranked: Sequence[Candidate], known: Set[str], count: int) -> list[Candidate]:
    """The best that are not known yet."""
    return [each for each in ranked if key_of(each.lemma) not in known][:count]


def _tokens(sentences: Sequence[str]) -> Iterator[Token]:
    for number, sentence in enumerate(sentences):
        is_first = True
        for match in WORD.finditer(sentence):
            if not JOINTS.sub("", match[0]).isalpha():
                is_first = False
                continue
            before = sentence[match.start() - 1 : match.start()]
            text = ELISION.split(match[0])[-1] if ELISION.search(match[0]) else match[0]
            yield Token(_whole(match[0], text), number, is_first or before in OPENS)
            is_first = False


def _whole(written: str, last: str) -> str:
    """A word without what is joined to it: l'homme is homme, city's is city, don't is nothing."""
    first = ELISION.split(written)[0]
    return first if last.lower() == "s" else last


def _lemmas(tokens: Sequence[Token], language: str) -> Callable[[Token], str | None]:
    """A function that says the lemma of a token, or None where it is not worth learning."""
    unlearnt_here = unlearnt(language)
    small = {token.text for token in tokens if token.text.islower()}
    names = set() if language in CAPITAL_NOUNS else _names(tokens, small)

    @cache
    def lemma(text: str, is_first: bool) -> str | None:
        if not SHORTEST <= len(text) <= LONGEST or text in names or text.lower() in unlearnt_here:
            return None
        is_small = language not in CAPITAL_NOUNS or (is_first and text.lower() in small)
        for written in (text.lower() if is_small else text, text.lower() if is_first else ""):
            if _is_known(written, language):
                made = _lemma(written, language)
                is_learnt = len(made) >= SHORTEST and made.lower() not in unlearnt_here
                return made if is_learnt else None
        return None

    return lambda token: lemma(token.text, token.is_first)


def _names(tokens: Sequence[Token], small: Set[str]) -> set[str]:
    """What has a capital within a sentence and is nowhere without; and what stands before such."""
    capital = [not token.text.islower() and token.text.lower() not in small for token in tokens]
    names = {
        token.text
        for token, is_capital in zip(tokens, capital, strict=True)
        if is_capital and not token.is_first
    }
    for before, token in pairwise(tokens):
        if token.text in names and before.text.lower() not in small and before.text[:1].isupper():
            names.add(before.text)
    return names


def _lemma(written: str, language: str) -> str:
    import simplemma

    made: str = simplemma.lemmatize(written, language)
    # The German dictionary is older than the spelling of 1996: Flusses is of Fluss, not of Fluß.
    has_new_spelling = "ß" in made and "ß" not in written and "ss" in written
    return made.replace("ß", "ss") if has_new_spelling else made


def _is_known(word: str, language: str) -> bool:
    """Has the dictionary this word, or, in German, one that it ends in?"""
    import simplemma

    if not word:
        return False
    if simplemma.is_known(word, language):
        return True
    if language != JOINED or not word[:1].isupper():
        return False
    ends = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
    return any(simplemma.is_known(word[at:].capitalize(), language) for at in ends)


def _shown(token: Token, lemma: str) -> str:
    """A form as it is shown: a sentence's first word without the sentence's capital."""
    return token.text if lemma[:1].isupper() else token.text.lower()


def _examples(sentences: Sequence[str], numbers: Sequence[int]) -> tuple[str, ...]:
    shown = [sentences[number] for number in numbers if is_example(sentences[number])]
    return tuple(dict.fromkeys(shown))[:MOST_EXAMPLES]
