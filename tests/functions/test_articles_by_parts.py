"""Many words by a model: asked for a few at a time, within the time that an attempt has."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tasks.articles.parts import LONGEST_CALL, MOST_AT_ONCE
from tests.articles import URL, Press, answering, press, sample
from windrow.aws.boto import WRITING
from windrow.aws.errors import ServiceError, Unavailable

pytestmark = pytest.mark.xdist_group("dictionaries")

MODEL = "some.model"


@dataclass
class Reader:
    """A model that takes the article's first long words that are not known, as many as asked.

    asked    how many words each call wanted
    before   what happens when a call of this number, from 1, comes in
    """

    asked: list[int] = field(default_factory=list)
    before: Callable[[int], None] = lambda call: None

    def __call__(self, _service: str, _operation: str, request: Any) -> Any:
        (count,) = re.findall(r"exactly (\d+) words", request["system"][0]["text"])
        text = request["messages"][0]["content"][0]["text"]
        self.asked.append(int(count))
        self.before(len(self.asked))
        known = set(text.partition("<known>")[2].partition("</known>")[0].split(", "))
        article = text.partition("<article>")[2].partition("</article>")[0]
        found = dict.fromkeys(re.findall(r"\b[a-z]{6,}\b", article))
        chosen = [word for word in found if word not in known][: int(count)]
        answer = [
            {"word": word, "lemma": word, "pos": "noun", "translation": "x", "examples": []}
            for word in chosen
        ]
        return {
            "output": {"message": {"content": [{"text": json.dumps({"words": answer})}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 1000, "outputTokens": 100 * len(chosen)},
        }


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch, reader: Reader) -> Iterator[Press]:
    with press(ARTICLES_MODEL_ID=MODEL) as made:
        made.web.pages[URL] = [sample("en")]
        made.deployment.context.remaining = timedelta(seconds=120)
        answering(made, "bedrock-runtime", reader, monkeypatch)
        yield made


def lemmas(result: Any) -> set[str]:
    return {word["lemma"] for word in result["words"]}


def test_many_words_are_asked_for_in_calls_of_at_most_fifteen(stand: Press, reader: Reader) -> None:
    result = stand.extract(word_count=40)["result"]

    assert reader.asked == [14, 13, 13]
    assert max(reader.asked) <= MOST_AT_ONCE
    assert (result["engine"], result["new_words"]) == (MODEL, 40)
    assert len(lemmas(result)) == 40
    assert result["usage"] == {"input_tokens": 3000, "output_tokens": 4000}
    assert "model_refused" not in result


def test_a_call_that_times_out_is_not_paid_for_again_and_dictionaries_do_the_rest(
    stand: Press, reader: Reader
) -> None:
    def late(call: int) -> None:
        if call == 2:
            raise Unavailable("bedrock-runtime", "Converse", "ReadTimeoutError", "too late")

    reader.before = late

    result = stand.extract(word_count=40)["result"]
    stand.deployment.run_for(timedelta(hours=1))

    by = [word["translated_by"] for word in result["words"]]
    assert len(reader.asked) == 2
    assert by == [MODEL] * 14 + [None] * 26
    assert len(lemmas(result)) == 40
    assert (result["engine"], result["model_refused"]) == (f"{MODEL}+lemmatizer", "timed_out")
    assert result["usage"] == {"input_tokens": 1000, "output_tokens": 1400}


def test_an_attempt_after_a_failure_asks_only_for_what_is_missing(
    stand: Press, reader: Reader
) -> None:
    def slowed(call: int) -> None:
        if call == 2:
            raise Unavailable("bedrock-runtime", "Converse", "ThrottlingException", "slow down")

    reader.before = slowed
    task_id = stand.start(word_count=30)
    stand.deployment.pump()
    stand.deployment.run_for(timedelta(minutes=5))

    result = stand.poll(task_id)["result"]

    assert reader.asked == [15, 15, 15]
    assert (result["engine"], len(lemmas(result))) == (MODEL, 30)
    assert result["usage"] == {"input_tokens": 2000, "output_tokens": 3000}


def test_no_call_begins_that_could_outlive_the_attempt(stand: Press, reader: Reader) -> None:
    def slow(_call: int) -> None:
        stand.deployment.clock.advance(timedelta(seconds=40))

    reader.before = slow

    result = stand.extract(word_count=50)["result"]

    assert reader.asked == [13, 13]
    assert len(result["words"]) == 50
    assert (result["engine"], result["model_refused"]) == (f"{MODEL}+lemmatizer", "no_time_left")


def test_what_only_a_right_can_mend_fails(stand: Press, reader: Reader) -> None:
    def forbidden(_call: int) -> None:
        raise ServiceError("bedrock-runtime", "Converse", "AccessDeniedException", "arn:...")

    reader.before = forbidden

    assert stand.extract(word_count=40)["error"] == "Extraction failed (ServiceError)"


def test_there_is_time_for_as_long_as_a_call_may_take() -> None:
    assert LONGEST_CALL.total_seconds() >= WRITING.longest
