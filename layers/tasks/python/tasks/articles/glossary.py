"""A tenant's own glossary: words and their translations, one for each pair of languages.

One item holds all of a pair, as a request brought it: it is read whole by each extraction, and
replaced whole by each PUT.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.articles.word import key_of
from windrow.aws.dynamodb import decoded, encoded
from windrow.aws.port import AWS


@dataclass(frozen=True, slots=True)
class Glossaries:
    """A tenant's glossaries in the application table."""

    aws: AWS
    table: str
    tenant: str

    def read(self, source: str, target: str) -> dict[str, str]:
        """Translations by word, as they were given; empty where there is no glossary."""
        answer = self.aws.call(
            "dynamodb",
            "GetItem",
            {"TableName": self.table, "Key": self._key(source, target), "ConsistentRead": True},
        )
        entries: dict[str, str] = json.loads(decoded(answer.get("Item", {})).get("entries", "{}"))
        return entries

    def replace(self, source: str, target: str, entries: Mapping[str, str]) -> None:
        """Store a glossary in place of the one that is there."""
        text = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
        item = {**self._key(source, target), **encoded({"entries": text})}
        self.aws.call("dynamodb", "PutItem", {"TableName": self.table, "Item": item})

    def _key(self, source: str, target: str) -> dict[str, Any]:
        return encoded({"PK": f"GLOSSARY#{self.tenant}", "SK": f"{source}#{target}"})


def by_key(entries: Mapping[str, str]) -> dict[str, str]:
    """Translations by the key of their word, so that a glossary may write it in any case."""
    return {key_of(word): translation for word, translation in entries.items()}
