"""Choose: which words of an article are worth learning, by a model if there is one, and how they
are translated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks.articles.glossary import Glossaries, by_key
from tasks.articles.params import Extract
from tasks.articles.settings import Settings
from tasks.articles.text import Article
from tasks.articles.translate import Translator, translated
from tasks.articles.vocabulary import Candidate, candidates, select
from tasks.articles.word import Word, key_of
from tasks.articles.words import Row, Words, merged
from windrow import Context

LEMMATIZER = "lemmatizer"
# How many known words gain sentences by one article, and how many each: with fifty new words they
# are one transaction, which has room for 98 writes.
MOST_MET = 40
MET_EXAMPLES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an article gives, before anything is stored.

    engine   lemmatizer, or the id of the model that chose, or both, joined by a plus
    met      the sentences in which known words were met again, by their keys
    said     what else the result tells: what a model used, or why it was not heard
    """

    language: str
    engine: str
    words: Sequence[Word]
    met: Mapping[str, Sequence[str]] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "language": self.language,
            "engine": self.engine,
            "words": [word.to_json() for word in self.words],
            "met": {key: list(examples) for key, examples in self.met.items()},
            "said": dict(self.said),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Choice":
        return cls(**{**value, "words": [Word.from_json(word) for word in value["words"]]})


def choose(context: Context, settings: Settings, params: Extract, found: Article) -> Choice:
    """The words of an article, none of which the tenant knows. Raises as a model does."""
    ranked = candidates(found.sentences, found.language)
    words = Words(context.aws, settings.table, context.tenant, found.language)
    rows = words.known(each.lemma for each in ranked)
    chosen: list[Word] = []
    engines: list[str] = []
    said: dict[str, Any] = {}
    is_left = True
    if settings.model is not None:
        chosen, said = _by_model(context, settings.model, params, found, words, rows)
        is_left = "model_refused" in said
        if chosen or not is_left:
            engines.append(settings.model)
    if is_left:
        more = _by_dictionary(ranked, rows, chosen, params.word_count)
        chosen = [*chosen, *more]
        if more or not engines:
            engines.append(LEMMATIZER)
    return Choice(
        language=found.language,
        engine="+".join(engines),
        words=_translated(context, settings, params.target_lang, found.language, chosen),
        met=_met(ranked, rows),
        said=said,
    )


def _by_model(
    context: Context,
    model: str,
    params: Extract,
    found: Article,
    words: Words,
    rows: Mapping[str, Row],
) -> tuple[list[Word], dict[str, Any]]:
    """What a model chooses, as far as it is heard; and what is told of it."""
    from tasks.articles.bedrock import Wish
    from tasks.articles.parts import hear

    wish = Wish(
        sentences=found.sentences,
        source=found.language,
        target=params.target_lang,
        known=[row.lemma for row in rows.values()],
        count=params.word_count,
        prompt=params.prompt,
    )
    heard = hear(context, model, wish, words, rows.keys())
    usage = {
        "input_tokens": heard.usage.input_tokens,
        "output_tokens": heard.usage.output_tokens,
    }
    refused = {"model_refused": heard.stopped} if heard.stopped else {}
    return list(heard.words), {**refused, "usage": usage}


def _by_dictionary(
    ranked: Sequence[Candidate], rows: Mapping[str, Row], chosen: Sequence[Word], count: int
) -> list[Word]:
    """The words that are left to the dictionaries: all, or what a model did not come to."""
    taken = {key_of(text) for word in chosen for text in (word.lemma, word.word)}
    return [_word(each) for each in select(ranked, rows.keys() | taken, count - len(chosen))]


def _translated(
    context: Context, settings: Settings, target: str, language: str, words: Sequence[Word]
) -> list[Word]:
    glossaries = Glossaries(context.aws, settings.table, context.tenant)
    glossary = by_key(glossaries.read(language, target))
    translator = None
    if settings.translates and language != target:
        translator = Translator(context.aws, language, target)
    return translated(words, glossary, translator)


def _met(ranked: Sequence[Candidate], rows: Mapping[str, Row]) -> dict[str, list[str]]:
    """The known words that the article shows in sentences that their rows do not have."""
    met: dict[str, list[str]] = {}
    for each in ranked:
        row = rows.get(key_of(each.lemma))
        examples = list(each.examples[:MET_EXAMPLES])
        if row is not None and merged(row.examples, examples) != row.examples:
            met[key_of(each.lemma)] = examples
    return dict(list(met.items())[:MOST_MET])


def _word(candidate: Candidate) -> Word:
    return Word(word=candidate.word, lemma=candidate.lemma, examples=candidate.examples)
