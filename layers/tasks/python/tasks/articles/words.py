"""The words that a tenant has met, in the application table: one row a lemma of a language."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any

from tasks.articles.word import Word, key_of
from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.aws.errors import Unavailable
from windrow.aws.port import AWS

ROW = "LEMMA#"
MOST_EXAMPLES = 5
# How many keys a BatchGetItem takes, and how often what it left over is asked for again.
AT_ONCE = 100
TRIES = 4
# DynamoDB takes sort keys of up to 1,024 bytes.
LONGEST_KEY = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where words come from: the task, its article, what it translates to, and since when."""

    task_id: str
    url: str
    target: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """What is stored of a lemma: its sentences, and the task that brought it first."""

    lemma: str
    examples: tuple[str, ...]
    stored: str
    added_by: str


@dataclass(frozen=True, slots=True)
class Words:
    """A tenant's words of one language. Reads are strongly consistent."""

    aws: AWS
    table: str
    tenant: str
    language: str

    def known(self, lemmas: Iterable[str]) -> dict[str, Row]:
        """The rows of those lemmas that have one, by key. Raises Unavailable."""
        keys = dict.fromkeys(key for key in map(key_of, lemmas) if _is_storable(key))
        found: dict[str, Row] = {}
        for some in batched(keys, AT_ONCE):
            for item in self._read(some):
                row = decoded(item)
                found[row["SK"].removeprefix(ROW)] = Row(
                    lemma=row["lemma"],
                    examples=tuple(json.loads(row["examples"])),
                    stored=row["examples"],
                    added_by=row["added_by"],
                )
        return found

    def added(self, word: Word, source: Source) -> Any:
        """The write that makes a row; refused where there is one."""
        values = {
            "lemma": word.lemma,
            "word": word.word,
            "pos": word.pos,
            "translation": word.translation,
            "target_lang": source.target if word.translation else None,
            "examples": _text(word.examples),
            "source_url": source.url,
            "added_by": source.task_id,
            "added_at": source.at.isoformat(),
        }
        return {
            "Put": {
                "TableName": self.table,
                "Item": {**self._key(key_of(word.lemma)), **encoded(values)},
                **expression(condition="attribute_not_exists(#PK)"),
            }
        }

    def updated(self, key: str, row: Row, examples: Sequence[str], source: Source) -> Any:
        """The write that adds sentences to a row; refused where somebody else has added some."""
        return {
            "Update": {
                "TableName": self.table,
                "Key": self._key(key),
                **expression(
                    update="SET #examples = :examples, #source_url = :url",
                    condition="#examples = :before",
                    values={
                        "examples": _text(merged(row.examples, examples)),
                        "before": row.stored,
                        "url": source.url,
                    },
                ),
            }
        }

    def _read(self, keys: Sequence[str]) -> list[Mapping[str, Any]]:
        wanted: Any = [self._key(key) for key in keys]
        items: list[Mapping[str, Any]] = []
        for _ in range(TRIES):
            asked = {self.table: {"Keys": wanted, "ConsistentRead": True}}
            answer = self.aws.call("dynamodb", "BatchGetItem", {"RequestItems": asked})
            items += answer["Responses"].get(self.table, [])
            wanted = answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys", [])
            if not wanted:
                return items
        raise Unavailable("dynamodb", "BatchGetItem", "UnprocessedKeys", f"{len(wanted)} left")

    def _key(self, key: str) -> dict[str, Any]:
        return encoded({"PK": f"WORDS#{self.tenant}#{self.language}", "SK": ROW + key})


def merged(before: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """Sentences together, each once, the first five: those that were there stay."""
    return tuple(dict.fromkeys([*before, *more]))[:MOST_EXAMPLES]


def _text(examples: Sequence[str]) -> str:
    return json.dumps(examples, ensure_ascii=False, separators=(",", ":"))


def _is_storable(key: str) -> bool:
    return 0 < len(key.encode()) <= LONGEST_KEY
