"""Vocabulary of articles: from a POST to words in the table, whatever happens in between."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.articles import URL, Answer, Press, answered, moved, page, press, sample, story
from windrow.model.states import State

# The English dictionary is the smallest of ours.
pytestmark = pytest.mark.xdist_group("dictionaries")

ROBOTS = "https://news.example/robots.txt"
# Of the English sample: what its rule puts first, counted by hand.
FIRST = ["library", "drill"]
AGAIN = story(
    "The library of our village has a new drill and nobody knows who has brought it here.",
    "It was on the table when the librarian came in, and there was a letter beside it.",
    "The letter says that the drill is for the children of the village and for their teacher.",
    "An orchestra of pensioners played beneath the chestnut trees until the thunderstorm came.",
    "The caretaker swept the courtyard, and the gardener watered the strawberries at sunset.",
)


@pytest.fixture
def stand() -> Iterator[Press]:
    with press() as made:
        made.web.pages[URL] = [sample("en")]
        yield made


def words(answer: Any) -> list[str]:
    return [word["lemma"] for word in answer["result"]["words"]]


def test_a_post_is_answered_at_once_and_its_task_ends_with_words(stand: Press) -> None:
    answer = stand.post(json.dumps({"url": URL}))

    started = answer.json()
    assert answer.status == 200
    assert list(started) == ["task_id", "type", "status", "created_at"]
    assert started["status"] == "pending"
    assert answer.headers["location"] == f"/api/tasks/{started['task_id']}"
    assert int(answer.headers["retry-after"]) > 0
    assert stand.web.asked == []

    stand.deployment.pump()
    result = stand.poll(started["task_id"])["result"]

    assert (result["new_words"], result["updated_words"]) == (10, 0)
    assert result["source_url"] == URL
    assert result["engine"] == "lemmatizer"
    assert (result["source_lang"], result["target_lang"]) == ("en", "en")
    assert [word["lemma"] for word in result["words"]][:2] == FIRST
    first = result["words"][0]
    assert list(first)[:5] == ["word", "lemma", "pos", "translation", "examples"]
    assert (first["pos"], first["translation"], first["translated_by"]) == (None, None, None)
    assert first["examples"][0] == "A library that lends ladders"
    assert 1 <= len(first["examples"]) <= 5
    assert set(stand.rows()) == {word["lemma"] for word in result["words"]}


def test_words_that_are_known_do_not_come_back_and_others_take_their_places(stand: Press) -> None:
    first = stand.extract(word_count=5)
    second = stand.extract(word_count=5)

    assert not set(words(first)) & set(words(second))
    assert (second["result"]["new_words"], second["result"]["updated_words"]) == (5, 0)
    assert len(stand.rows()) == 10


def test_a_known_word_in_new_sentences_is_updated_with_them(stand: Press) -> None:
    stand.extract(word_count=2)
    stand.web.pages[f"{URL}/2"] = [AGAIN]

    again = stand.extract(f"{URL}/2", word_count=8)

    assert (again["result"]["new_words"], again["result"]["updated_words"]) == (8, 2)
    assert not set(words(again)) & set(FIRST)
    examples = json.loads(stand.rows()["drill"]["examples"])
    assert len(examples) == len(set(examples)) <= 5
    assert any("brought it here" in example for example in examples)


def test_a_german_noun_and_its_verb_are_stored_as_one_word(stand: Press) -> None:
    stand.web.pages[URL] = [
        story(
            "Das Essen in der Kantine war gut, und wir essen dort jeden Tag mit den Kollegen.",
            "Das Wissen der Leute wächst, denn sie wissen viel von dem, was in der Stadt passiert.",
            "Die Behörde hat uns gestern geschrieben, und wir haben es auf dem Tisch gefunden.",
        )
    ]

    answer = stand.extract(word_count=50)

    keys = [lemma.casefold() for lemma in words(answer)]
    assert answer["status"] == "completed"
    assert "essen" in keys
    assert len(keys) == len(set(keys)) == answer["result"]["new_words"] == len(stand.rows())


def test_tenants_know_each_their_own_words(stand: Press) -> None:
    body = json.dumps({"url": URL, "word_count": 2})
    given = {"content-type": "application/json"}
    for tenant in ("ada", "bob"):
        stand.deployment.http(
            "POST", "/api/articles/extract", body=body, headers=given, tenant=tenant
        )
    stand.deployment.pump()

    table = stand.deployment.services.dynamodb.tables["ApplicationTable"]
    keys = {row.item["PK"]["S"] for row in table.rows.values()}
    assert keys == {"WORDS#ada#en", "WORDS#bob#en"}


@pytest.mark.parametrize("effect", ["killed before", "killed after", "answer never came"])
def test_a_task_that_is_repeated_counts_what_is_new_once(stand: Press, effect: str) -> None:
    stand.deployment.port.plan(effect, "TransactWriteItems", TransactItems="LEMMA#")
    task_id = stand.start()
    stand.deployment.pump()
    stand.deployment.run_for(timedelta(minutes=5))

    result = stand.poll(task_id)["result"]

    assert stand.deployment.task(task_id).attempt > 1
    assert (result["new_words"], result["updated_words"]) == (10, 0)
    assert len(stand.rows()) == 10
    assert stand.web.urls == [ROBOTS, URL]


def test_words_that_another_task_has_stored_meanwhile_are_updated(stand: Press) -> None:
    stand.deployment.port.plan("killed before", "TransactWriteItems", TransactItems="LEMMA#")
    slow = stand.start(word_count=4)
    stand.deployment.deliver()
    quick = stand.extract(word_count=4)
    stand.deployment.run_for(timedelta(minutes=5))

    result = stand.poll(slow)["result"]

    assert quick["result"]["new_words"] == 4
    assert (result["new_words"], result["updated_words"]) == (0, 4)
    assert len(stand.rows()) == 4


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answered(403), "403 Forbidden"),
        (answered(404), "404 Not Found"),
        (answered(451), "451 Unavailable For Legal Reasons"),
        (answered(599), "599"),
        (answered(200, b"%PDF", content_type="application/pdf"), "it is application/pdf, not"),
        (answered(200, b"?"), "it is of no type, not text/html"),
        ({**page("<p>"), "is_cut": True}, "it is larger than 3 MB"),
        (
            answered(200, b"\x1f\x8b", content_type="text/html", content_encoding="gzip"),
            "it came packed (gzip)",
        ),
        (page("<html><body></body></html>"), "no text was found"),
        ({"refused": "its host has an address inside"}, "its host has an address inside"),
        (moved("http://news.example/plain"), "a redirect leads from https to http"),
        (moved("ftp://news.example/"), "a URL begins with https://"),
        (moved(URL), "it was redirected more than 3 times"),
    ],
)
def test_an_article_that_cannot_be_had_fails_in_the_words_of_the_seed(
    stand: Press, answer: Answer, error: str
) -> None:
    stand.web.pages[URL] = [answer]
    task_id = stand.start()
    stand.deployment.pump()
    if error == "599":
        stand.deployment.run_for(timedelta(minutes=30))

    shown = stand.poll(task_id)

    assert shown["status"] == "failed"
    assert shown["error"].startswith(f"Could not fetch article: {error}")
    assert stand.deployment.task(task_id).attempt == (4 if error == "599" else 1)


@pytest.mark.parametrize(
    "answer",
    [
        answered(429, retry_after="300"),
        answered(503, retry_after="300"),
        {"failed": "timeout", "message": "its time was up"},
        {"failed": "connection", "message": "Connection refused"},
    ],
)
def test_trouble_that_may_pass_is_waited_for_as_long_as_the_server_asks(
    stand: Press, answer: Answer
) -> None:
    stand.web.pages[URL] = [answer, sample("en")]
    task_id = stand.start(word_count=1)
    stand.deployment.pump()
    waiting = stand.poll(task_id)
    stand.deployment.run_for(timedelta(minutes=8))

    assert waiting["status"] == "pending"
    assert stand.poll(task_id)["status"] == "completed"
    if "headers" in answer:
        (first, second) = [at for url, at in stand.web.asked if url == URL]
        assert second - first >= timedelta(seconds=300)


def test_an_egress_that_breaks_is_tried_again(stand: Press) -> None:
    def broken(_request: Any) -> Any:
        raise MemoryError

    stand.deployment.services.invoked.functions["egress"] = broken
    task_id = stand.start()
    stand.deployment.pump()

    assert stand.deployment.task(task_id).state is State.QUEUED
    assert stand.deployment.task(task_id).failures == 1


def test_robots_txt_is_obeyed_and_a_host_is_asked_once_a_second(stand: Press) -> None:
    rules = b"User-agent: *\nAllow: /\n\nUser-agent: WindrowArticles\nDisallow: /story"
    stand.web.pages[ROBOTS] = [answered(200, rules)]

    forbidden = stand.extract()
    allowed = stand.extract("https://news.example/other")

    assert forbidden["error"] == (
        "Could not fetch article: the robots.txt of news.example disallows it"
    )
    assert stand.web.urls == [ROBOTS, ROBOTS, "https://news.example/other"]
    assert stand.web.asked[2][1] - stand.web.asked[1][1] >= timedelta(seconds=1)
    assert allowed["error"] == "Could not fetch article: 404 Not Found"


def test_a_robots_txt_that_cannot_be_read_forbids_all_for_now(stand: Press) -> None:
    stand.web.pages[ROBOTS] = [answered(500), answered(404)]
    task_id = stand.start(word_count=1)
    stand.deployment.pump()
    before = list(stand.web.urls)
    stand.deployment.run_for(timedelta(minutes=2))

    assert before == [ROBOTS]
    assert stand.poll(task_id)["status"] == "completed"


def test_a_redirect_to_another_host_asks_that_hosts_robots_txt(stand: Press) -> None:
    stand.web.pages[URL] = [moved("https://other.example/a")]
    stand.web.pages["https://other.example/robots.txt"] = [
        answered(200, b"User-agent: *\nDisallow: /")
    ]

    shown = stand.extract()

    assert "robots.txt of other.example" in shown["error"]
    assert stand.web.urls == [ROBOTS, URL, "https://other.example/robots.txt"]


def test_a_request_says_who_asks_and_what_it_takes(stand: Press) -> None:
    stand.extract("https://news.example/año?q=ñ#top", browser="firefox")

    request = stand.web.requests[-1]
    assert request["url"] == "https://news.example/a%C3%B1o?q=%C3%B1"
    assert request["headers"]["user-agent"].startswith("WindrowArticles/")
    assert "cookie" not in request["headers"]
    assert (request["size"], request["seconds"], request["http"]) == (3_000_000, 10, True)


def test_the_language_that_was_said_must_be_the_articles(stand: Press) -> None:
    shown = stand.extract(source_lang="Spanish")

    assert shown["error"] == "Could not use article: it is in English, not in Spanish"


def test_a_deployment_that_asks_no_addresses_says_so() -> None:
    with press(WINDROW_EGRESS="") as stand:
        shown = stand.extract()

    assert shown["error"] == "Could not fetch article: this deployment asks no addresses"
