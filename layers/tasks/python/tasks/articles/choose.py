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
from windrow.telemetry.metrics import Metric

LEMMATIZER = "lemmatizer"
# How many known words gain sentences by one article, and how many each: with fifty new words they
# are one transaction, which has room for 98 writes.
MOST_MET = 40
MET_EXAMPLES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an article gives, before anything is stored.

    engine   lemmatizer, or the id of the model that chose
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
    engine = LEMMATIZER
    said: dict[str, Any] = {}
    chosen: list[Word] | None = None
    if settings.model is not None:
        chosen, said = _by_model(context, settings.model, params, found, words, rows)
    if chosen is None:
        chosen = [_word(each) for each in select(ranked, rows.keys(), params.word_count)]
    else:
        engine = settings.model or LEMMATIZER
    return Choice(
        language=found.language,
        engine=engine,
        words=_translated(context, settings, params.target_lang, found.language, chosen),
        met=_met(ranked, rows),
        said=said,
    )


def _by_model(
    context: Context,
    model_id: str,
    params: Extract,
    found: Article,
    words: Words,
    rows: Mapping[str, Row],
) -> tuple[list[Word] | None, dict[str, Any]]:
    """What a model chooses, or None where its answer cannot be used; and what is told of it."""
    from tasks.articles.bedrock import Model, Unusable, Wish

    wish = Wish(
        sentences=found.sentences,
        source=found.language,
        target=params.target_lang,
        known=[row.lemma for row in rows.values()],
        count=params.word_count,
        prompt=params.prompt,
    )
    model = Model(context.aws, model_id)
    chosen: list[Word] | None = None
    said: dict[str, Any] = {}
    try:
        chosen = model.words(wish, rows.keys())
        # It may write a lemma otherwise than the dictionary does.
        known = words.known(word.lemma for word in chosen)
        chosen = [word for word in chosen if key_of(word.lemma) not in known]
    except Unusable as unusable:
        said["model_refused"] = unusable.reason
    finally:
        telemetry = context.running.telemetry
        telemetry.count(Metric.MODEL_INPUT_TOKENS, model.usage.input_tokens)
        telemetry.count(Metric.MODEL_OUTPUT_TOKENS, model.usage.output_tokens)
    said["usage"] = {
        "input_tokens": model.usage.input_tokens,
        "output_tokens": model.usage.output_tokens,
    }
    return chosen, said


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
