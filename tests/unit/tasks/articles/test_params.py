"""What a submission may say, and what it becomes."""

from typing import Any

import pytest
from pydantic import ValidationError

from tasks.articles import languages, stoplists
from tasks.articles.params import Extract

URL = "https://example.com/news"


def test_only_the_url_must_be_given() -> None:
    assert Extract.model_validate({"url": URL}).model_dump() == {
        "url": URL,
        "browser": None,
        "source_lang": None,
        "target_lang": "en",
        "word_count": 10,
        "prompt": None,
    }


@pytest.mark.parametrize("given", ["es", "ES", "Spanish", " spanish "])
def test_a_language_is_a_code_or_a_name(given: str) -> None:
    assert Extract.model_validate({"url": URL, "source_lang": given}).source_lang == "es"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("url", "", "at least 1 character"),
        ("url", "ftp://example.com/", "must be the URL of a page"),
        ("url", "file:///etc/passwd", "must be the URL of a page"),
        ("url", "https:///path", "must be the URL of a page"),
        ("url", "example.com", "must be the URL of a page"),
        ("url", "https://e.com/" + "x" * 2048, "at most 2048 characters"),
        ("url", 7, "valid string"),
        ("browser", "lynx", "'chrome', 'edge', 'firefox', 'opera' or 'safari'"),
        ("source_lang", "tlh", "must be one of de (German), en (English), es (Spanish)"),
        ("target_lang", "xx", "must be one of de (German)"),
        ("word_count", 0, "greater than or equal to 1"),
        ("word_count", 51, "less than or equal to 50"),
        ("word_count", "10", "valid integer"),
        ("word_count", True, "valid integer"),
        ("prompt", "x" * 1001, "at most 1000 characters"),
        ("cookies", "a=b", "Extra inputs are not permitted"),
    ],
)
def test_what_is_wrong_is_refused_by_its_name(field: str, value: Any, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Extract.model_validate({"url": URL, field: value})

    (error,) = refused.value.errors()
    assert error["loc"] == (field,)
    assert said in error["msg"]


def test_every_language_has_its_common_words() -> None:
    assert all(len(stoplists.common(code)) > 200 for code in languages.SOURCES)
