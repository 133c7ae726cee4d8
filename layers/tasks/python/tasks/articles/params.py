"""What a submission of an extraction says: the body of the seed's POST."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tasks.articles.languages import SOURCES, TARGETS, code_of, listed

LONGEST_URL = 2048
# The seed's example comes to ten words, and its own application allows fifty.
WORD_COUNT = 10
MOST_WORDS = 50
LONGEST_PROMPT = 1000


def _url(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    if scheme.lower() not in ("http", "https") or not separator or rest[:1] in ("", "/", "?", "#"):
        raise ValueError("must be the URL of a page: https://...")
    return text


def _source(text: str) -> str:
    if (code := code_of(text, SOURCES)) is None:
        raise ValueError(f"must be one of {listed(SOURCES)}")
    return code


def _target(text: str) -> str:
    if (code := code_of(text, TARGETS)) is None:
        raise ValueError(f"must be one of {listed(TARGETS)}")
    return code


Source = Annotated[str, AfterValidator(_source)]
Target = Annotated[str, AfterValidator(_target)]


class Extract(BaseModel):
    """Which article, and how many words of it; only `url` must be given.

    browser       accepted, as the seed has it, and without effect: no cookies of anybody's are sent
    source_lang   a code or an English name; without it the article's own language is found out
    prompt        what to look for; only a model can act on it
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"url": "https://elpais.com/some-article"}]},
    )

    url: Annotated[str, AfterValidator(_url)] = Field(min_length=1, max_length=LONGEST_URL)
    browser: Literal["chrome", "edge", "firefox", "opera", "safari"] | None = None
    source_lang: Source | None = None
    target_lang: Target = "en"
    word_count: int = Field(default=WORD_COUNT, ge=1, le=MOST_WORDS)
    prompt: str | None = Field(default=None, max_length=LONGEST_PROMPT)
