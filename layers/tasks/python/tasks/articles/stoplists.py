"""Words too common to learn, by language: the lists that jusText ships (BSD-2-Clause)."""

from functools import cache

from tasks.articles.languages import SOURCES
from tasks.articles.numerals import NUMERALS


@cache
def common(code: str) -> frozenset[str]:
    """The forms of a language's list, in small letters."""
    import justext

    return frozenset(word.lower() for word in justext.get_stoplist(SOURCES[code]))


@cache
def unlearnt(code: str) -> frozenset[str]:
    """Forms and lemmas that nobody learns: "said" is on the list, so "say" and "says" go too."""
    import simplemma

    forms = common(code) | NUMERALS[code]
    return forms | {simplemma.lemmatize(form, code).lower() for form in forms}
