"""Seed 001's lines for curl against the running stack, unmodified but for the two URLs."""

import json
import re
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.test_seed_clients import CLIENT
from tests.e2e.waiting import eventually
from windrow.local.stack import LocalStack

SEED = (Path(__file__).parents[1] / "contract" / "seeds" / "001.md").read_text("utf-8")
(BASH,) = re.findall(r"```bash\n(.*?)```", SEED, re.DOTALL)
ITS_API, ITS_ARTICLE = "http://localhost:8000", "https://elpais.com/some-article"
PATIENCE = timedelta(minutes=1)


def commands(stack: LocalStack, article: str) -> list[list[str]]:
    """What stands behind `curl`, line by line, with our API and an article of our own."""
    assert ITS_API in BASH
    assert ITS_ARTICLE in BASH
    code = BASH.replace(ITS_API, stack.url).replace(ITS_ARTICLE, article)
    lines = code.replace("\\\n", " ").splitlines()
    return [words[1:] for line in lines if (words := shlex.split(line, comments=True))]


def same_request(arguments: list[str]) -> str:
    """What curl would print, where there is none."""
    url = next(word for word in arguments if word.startswith("http://"))
    headers = {"content-type": "application/json"} if "-H" in arguments else {}
    body = arguments[arguments.index("-d") + 1] if "-d" in arguments else None
    method = "POST" if body else "GET"
    return httpx.request(method, url, headers=headers, content=body, trust_env=False).text


RUN = CLIENT if CLIENT.__name__ == "curl" else same_request


def ended(poll: list[str], task_id: str) -> Any:
    """What the last line for curl says once the task has ended."""
    line = [word.replace("YOUR-TASK-ID", task_id) for word in poll]
    return eventually(
        lambda: json.loads(RUN(line)),
        lambda shown: shown["status"] in ("completed", "failed"),
        within=PATIENCE,
        every=timedelta(milliseconds=300),
    )


@pytest.mark.usefixtures("function_logs")
def test_the_lines_for_curl_bring_the_vocabulary_of_an_article(stack: LocalStack) -> None:
    start, poll = commands(stack, f"{stack.url}/api/articles/samples/es")

    started = json.loads(RUN(start))
    shown = ended(poll, started["task_id"])

    assert list(started) == ["task_id", "type", "status", "created_at"]
    assert shown["status"] == "completed", shown
    result = shown["result"]
    assert (result["new_words"], result["source_lang"]) == (10, "es")
    assert [word["lemma"] for word in result["words"]][:2] == ["tranvía", "vagón"]


@pytest.mark.usefixtures("function_logs")
def test_an_article_that_is_not_there_fails_as_the_seed_says(stack: LocalStack) -> None:
    start, poll = commands(stack, f"{stack.url}/api/articles/samples/none")

    shown = ended(poll, json.loads(RUN(start))["task_id"])

    assert shown["status"] == "failed"
    assert shown["error"] == "Could not fetch article: 404 Not Found"
