"""Translations of chosen words: from the tenant's glossary first, then from Amazon Translate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tasks.articles.word import Word, key_of
from windrow.aws.port import AWS

GLOSSARY = "glossary"
TRANSLATE = "translate"


@dataclass(frozen=True, slots=True)
class Translator:
    """Amazon Translate for a pair of languages; one call a word, for the words that are left."""

    aws: AWS
    source: str
    target: str

    def translation(self, lemma: str) -> str | None:
        """A word's translation. Raises Unavailable where it is throttled, ServiceError."""
        answer = self.aws.call(
            "translate",
            "TranslateText",
            {
                "Text": lemma,
                "SourceLanguageCode": self.source,
                "TargetLanguageCode": self.target,
            },
        )
        return answer["TranslatedText"].strip() or None


def translated(
    words: Sequence[Word], glossary: Mapping[str, str], translator: Translator | None
) -> list[Word]:
    """The words with their translations; what a glossary says stands above all others."""
    return [_translated(word, glossary, translator) for word in words]


def _translated(word: Word, glossary: Mapping[str, str], translator: Translator | None) -> Word:
    own = glossary.get(key_of(word.lemma)) or glossary.get(key_of(word.word))
    if own is not None:
        return replace(word, translation=own, translated_by=GLOSSARY)
    if word.translation is not None or translator is None:
        return word
    found = translator.translation(word.lemma)
    return replace(word, translation=found, translated_by=TRANSLATE if found else None)
