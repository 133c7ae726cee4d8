"""The article in a page: its main text, cut into sentences, and the language it is in.

What this imports takes half a second and 40 MB: it is imported where it is used, in a worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.articles import stoplists
from tasks.articles.errors import NotFetched, NotUsable
from tasks.articles.languages import SOURCES, listed

# A book is no article; and what is made of it must fit into memory and a step's memo.
LONGEST = 200_000
# Less has too few words to tell one language from another.
FEWEST_WORDS = 20
# In running text of any of our languages a third of the words and more are on its own list; a text
# in another language, or one that is no text, has less.
LEAST_COMMON = 0.2


@dataclass(frozen=True, slots=True)
class Article:
    """An article's sentences, in order, and their language."""

    sentences: Sequence[str]
    language: str


def article(html: str, wanted: str | None) -> Article:
    """The article of a page, in the wanted language if one is wanted.

    Raises NotFetched where there is no text, NotUsable where it is in another language.
    """
    import simplemma

    text = _main_text(html)
    language = _language(text, wanted)
    return Article(simplemma.split_sentences(text, lang=language), language)


def _main_text(html: str) -> str:
    import trafilatura

    # Never its `deduplicate`: it remembers the texts of a process's life, and would find none in an
    # article that somebody has asked for before.
    text = trafilatura.extract(
        html, include_comments=False, include_tables=False, favor_precision=True
    )
    if not text or not text.strip():
        raise NotFetched("no text was found")
    # A paragraph ends a sentence, also where it has no full stop, as headings have none.
    return "\n\n".join(line.strip() for line in text[:LONGEST].splitlines() if line.strip())


def _language(text: str, wanted: str | None) -> str:
    words = [word.casefold() for word in text.split()]
    if len(words) < FEWEST_WORDS:
        raise NotUsable(f"its text has {len(words)} words, which is too few")
    shares = {code: _share(words, code) for code in SOURCES}
    found = max(shares, key=lambda code: shares[code])
    if shares[found] < LEAST_COMMON:
        raise NotUsable(f"it is in none of the languages {listed(SOURCES)}")
    if wanted is not None and wanted != found:
        raise NotUsable(f"it is in {SOURCES[found]}, not in {SOURCES[wanted]}")
    return found


def _share(words: Sequence[str], code: str) -> float:
    common = stoplists.common(code)
    return sum(word in common for word in words) / len(words)
