"""The result of an extraction stays so small that its record holds it."""

import json

from tasks.articles.choose import Choice
from tasks.articles.extract import LARGEST_RESULT, _result
from tasks.articles.params import Extract
from tasks.articles.remember import Counted
from tasks.articles.word import Word

URL = "https://news.example/story"


def shown(count: int, sentence: str) -> list[dict[str, object]]:
    examples = tuple(f"{number} {sentence}" for number in range(5))
    words = [Word(word=f"w{each}", lemma=f"w{each}", examples=examples) for each in range(count)]
    choice = Choice(language="en", engine="lemmatizer", words=words)
    result = _result(Extract(url=URL), choice, Counted(count, 0))
    assert len(json.dumps(result, ensure_ascii=False).encode()) <= LARGEST_RESULT
    return list(result["words"])


def test_a_small_result_has_all_examples() -> None:
    assert {len(word["examples"]) for word in shown(10, "short")} == {5}  # type: ignore[arg-type]


def test_a_large_one_has_as_many_as_there_is_room_for() -> None:
    words = shown(50, "x" * 240)

    assert len(words) == 50
    assert {len(word["examples"]) for word in words} == {2}  # type: ignore[arg-type]
