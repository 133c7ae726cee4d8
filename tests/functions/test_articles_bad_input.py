"""Requests of articles that are wrong: 422 in FastAPI's words, which name the field."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.articles import URL, Press, press

WHOLE = json.dumps({"url": URL})


@pytest.fixture(scope="module")
def stand() -> Iterator[Press]:
    with press() as made:
        yield made


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", ["body"]),
        ("{}", ["body", "url"]),
        ("[]", ["body"]),
        ("null", ["body"]),
        ("{", ["body"]),
        ('{"url": "nowhere"}', ["body", "url"]),
        ('{"url": null}', ["body", "url"]),
        ('{"url": "https://a.example/\\ud800"}', ["body", "url"]),
        (f'{{"url": "{URL}", "url": "{URL}"}}', ["body", "url"]),
        (f'{{"url": "{URL}", "source_lang": "Klingon"}}', ["body", "source_lang"]),
        (f'{{"url": "{URL}", "target_lang": 7}}', ["body", "target_lang"]),
        (f'{{"url": "{URL}", "word_count": 0}}', ["body", "word_count"]),
        (f'{{"url": "{URL}", "word_count": NaN}}', ["body", "word_count"]),
        (f'{{"url": "{URL}", "word_count": 1e400}}', ["body", "word_count"]),
        (f'{{"url": "{URL}", "browser": "lynx"}}', ["body", "browser"]),
        (f'{{"url": "{URL}", "cookies": {{}}}}', ["body", "cookies"]),
    ],
)
def test_a_wrong_body_is_refused_by_its_field_and_starts_nothing(
    stand: Press, body: str, field: list[str]
) -> None:
    answer = stand.post(body)

    assert answer.status == 422
    assert field in [error["loc"] for error in answer.json()["detail"]]
    assert not stand.deployment.deliver()


def test_an_unsupported_language_is_told_those_that_are_not(stand: Press) -> None:
    answer = stand.post(json.dumps({"url": URL, "source_lang": "fi"}))

    (error,) = answer.json()["detail"]
    assert "de (German), en (English), es (Spanish), fr (French)" in error["msg"]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/json", "idempotency-key": "é"}, 422),
        ({"content-type": "application/json", "idempotency-key": "x" * 256}, 422),
    ],
)
def test_wrong_headers_are_refused(stand: Press, given: dict[str, str], status: int) -> None:
    answer = stand.deployment.http("POST", "/api/articles/extract", body=WHOLE, headers=given)

    assert answer.status == status
    assert "detail" in answer.json()


def test_a_body_that_is_too_large_is_refused(stand: Press) -> None:
    answer = stand.post(json.dumps({"url": URL, "prompt": "x" * 300_000}))

    assert (answer.status, list(answer.json())) == (413, ["detail"])


def test_a_key_is_answered_again_and_never_for_another_request() -> None:
    key = {"idempotency-key": "one"}
    with press() as stand:
        first, again = stand.post(WHOLE, **key), stand.post(WHOLE, **key)
        other = stand.post(json.dumps({"url": f"{URL}/other"}), **key)

    assert first.json()["task_id"] == again.json()["task_id"]
    assert again.headers["idempotent-replayed"] == "true"
    assert other.status == 422
    assert "was used before" in str(other.json()["detail"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/articles/extract", 405),
        ("DELETE", "/api/articles/glossaries/en/es", 405),
        ("GET", "/api/articles/samples/fr", 404),
        ("GET", "/api/articles/samples/..%2Fes", 404),
        ("GET", "/api/articles/samples/es?page=2", 422),
    ],
)
def test_a_wrong_path_or_method_says_so(stand: Press, method: str, path: str, status: int) -> None:
    answer = stand.deployment.http(method, path)

    assert answer.status == status


@pytest.mark.parametrize("name", ["es", "en", "de"])
def test_a_sample_is_a_page_that_loads_nothing(stand: Press, name: str) -> None:
    answer = stand.deployment.http("GET", f"/api/articles/samples/{name}")
    head = stand.deployment.http("HEAD", f"/api/articles/samples/{name}")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert b"<article>" in answer.body
    assert head.status == 200
    assert head.headers["content-length"] == answer.headers["content-length"]


def test_a_service_that_is_away_is_503_in_the_same_form() -> None:
    with press() as stand:
        stand.deployment.port.plan("refused", "PutItem", times=9)
        stand.deployment.port.plan("refused", "TransactWriteItems", times=9)

        answer: Any = stand.post(WHOLE)

    assert answer.status == 503
    assert list(answer.json()) == ["detail"]
    assert answer.headers["retry-after"] == "2"
