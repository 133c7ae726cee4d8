"""Who chooses words and who translates them: glossaries, Amazon Translate, and a model."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.articles import URL, Press, answering, press, sample, story
from windrow.aws.errors import ServiceError, Unavailable
from windrow.telemetry.metrics import Metric

pytestmark = pytest.mark.xdist_group("dictionaries")

JSON = {"content-type": "application/json"}
GLOSSARY = "/api/articles/glossaries"
BENCH = "The repair bench has become the heart of the library: "
ENTRIES = {"entries": {"Library": "biblioteca", "drills": "taladros"}}


@pytest.fixture
def stand() -> Iterator[Press]:
    with press() as made:
        made.web.pages[URL] = [sample("en")]
        yield made


@pytest.fixture(scope="module")
def shared() -> Iterator[Press]:
    with press() as made:
        yield made


def model(**word: Any) -> dict[str, Any]:
    """An answer of Converse with one word."""
    whole = {"pos": "noun", "translation": "banco", "examples": [BENCH], **word}
    return {
        "output": {"message": {"content": [{"text": json.dumps({"words": [whole]})}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 900, "outputTokens": 90},
    }


def test_a_glossary_is_stored_shown_and_used(stand: Press) -> None:
    deployment = stand.deployment
    put = deployment.http("PUT", f"{GLOSSARY}/en/es", body=json.dumps(ENTRIES), headers=JSON)

    result = stand.extract(word_count=3, target_lang="es")["result"]

    assert (put.status, put.json()) == (200, ENTRIES)
    assert deployment.http("GET", f"{GLOSSARY}/en/es").json() == ENTRIES
    assert deployment.http("GET", f"{GLOSSARY}/en/fr").json() == {"entries": {}}
    told = [(word["translation"], word["translated_by"]) for word in result["words"]]
    assert told == [("biblioteca", "glossary"), ("taladros", "glossary"), (None, None)]
    assert stand.rows()["library"]["translation"] == "biblioteca"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("en/xx", ENTRIES, ["path", "target_lang"]),
        ("tlh/en", ENTRIES, ["path", "source_lang"]),
        ("en/es", {"entries": {"a": ""}}, ["body", "entries", "a"]),
        ("en/es", {"entries": ["a"]}, ["body", "entries"]),
        ("en/es", {"words": {}}, ["body", "entries"]),
        ("en/es", {"entries": {str(each): "x" for each in range(5001)}}, ["body", "entries"]),
    ],
)
def test_a_glossary_that_is_none_is_refused_by_its_field(
    shared: Press, path: str, body: Any, field: list[str]
) -> None:
    answer = shared.deployment.http(
        "PUT", f"{GLOSSARY}/{path}", body=json.dumps(body), headers=JSON
    )

    assert answer.status == 422
    assert field in [error["loc"] for error in answer.json()["detail"]]


def test_amazon_translate_is_asked_for_the_words_that_are_left(
    stand: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    throttled = [Unavailable("translate", "TranslateText", "ThrottlingException", "slow down")]

    def translate(service: str, operation: str, parameters: Any) -> Any:
        if throttled:
            raise throttled.pop()
        return {"TranslatedText": parameters["Text"].upper()}

    monkeypatch.setenv("ARTICLES_TRANSLATE", "on")
    answering(stand, "translate", translate, monkeypatch)
    task_id = stand.start(word_count=2, target_lang="es")
    stand.deployment.pump()
    stand.deployment.run_for(timedelta(minutes=5))

    words = stand.poll(task_id)["result"]["words"]

    assert [(word["translation"], word["translated_by"]) for word in words] == [
        ("LIBRARY", "translate"),
        ("DRILL", "translate"),
    ]


def test_a_model_chooses_and_what_it_used_is_told_and_counted(
    stand: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def converse(service: str, operation: str, parameters: Any) -> Any:
        asked.append(parameters)
        return model(word="bench", lemma="bench")

    monkeypatch.setenv("ARTICLES_MODEL_ID", "some.model")
    answering(stand, "bedrock-runtime", converse, monkeypatch)

    result = stand.extract(target_lang="es")["result"]
    again = stand.extract(target_lang="es")["result"]

    (word,) = result["words"]
    assert (word["lemma"], word["pos"], word["translation"]) == ("bench", "noun", "banco")
    assert word["translated_by"] == result["engine"] == "some.model"
    assert all("bench" in example for example in word["examples"])
    assert result["usage"] == {"input_tokens": 900, "output_tokens": 90}
    assert stand.deployment.telemetry.counts[Metric.MODEL_INPUT_TOKENS] == 1800
    assert stand.deployment.telemetry.counts[Metric.MODEL_OUTPUT_TOKENS] == 180
    # It was told that the word is known, and offered it all the same.
    assert "<known>bench</known>" in asked[1]["messages"][0]["content"][0]["text"]
    assert (again["new_words"], again["words"]) == (0, [])


def test_an_article_of_one_endless_sentence_has_words_without_examples(
    stand: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = "the library of our village has a new drill and nobody knows who has brought it here "
    stand.web.pages[URL] = [story(endless * 2000)]
    answer = model(word="drill", lemma="drill", examples=[])
    monkeypatch.setenv("ARTICLES_MODEL_ID", "some.model")
    answering(stand, "bedrock-runtime", lambda *_: answer, monkeypatch)

    (word,) = stand.extract()["result"]["words"]

    assert (word["lemma"], word["examples"]) == ("drill", [])


def test_a_model_that_refuses_leaves_the_choice_to_dictionaries_and_the_result_says_so(
    stand: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLES_MODEL_ID", "some.model")
    refused = {**model(word="bench", lemma="bench"), "stopReason": "content_filtered"}
    answering(stand, "bedrock-runtime", lambda *_: refused, monkeypatch)

    result = stand.extract(word_count=2)["result"]

    assert result["engine"] == "lemmatizer"
    assert result["model_refused"] == "content_filtered"
    assert [word["lemma"] for word in result["words"]] == ["library", "drill"]


def test_a_model_that_is_throttled_is_asked_again_and_one_that_is_forbidden_is_not(
    stand: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[ServiceError] = [
        Unavailable("bedrock-runtime", "Converse", "ThrottlingException", "slow down")
    ]

    def converse(service: str, operation: str, parameters: Any) -> Any:
        if raised:
            raise raised.pop()
        return model(word="bench", lemma="bench")

    monkeypatch.setenv("ARTICLES_MODEL_ID", "some.model")
    answering(stand, "bedrock-runtime", converse, monkeypatch)
    throttled = stand.start()
    stand.deployment.pump()
    stand.deployment.run_for(timedelta(minutes=5))
    raised.append(ServiceError("bedrock-runtime", "Converse", "AccessDeniedException", "arn:..."))
    forbidden = stand.extract()

    assert stand.poll(throttled)["status"] == "completed"
    assert forbidden["error"] == "Extraction failed (ServiceError)"
