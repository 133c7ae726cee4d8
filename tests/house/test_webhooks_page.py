"""What docs/webhooks.md shows of a receiver runs, and takes what Windrow sends."""

from pathlib import Path
from typing import Any

import pytest

from tests.house.test_papers import snippets
from tests.webhooks import outpost

PAPER = "docs/webhooks.md"


@pytest.fixture
def page() -> dict[str, Any]:
    world: dict[str, Any] = {"__name__": "webhooks"}
    for snippet in snippets(PAPER):
        exec(compile(snippet, PAPER, "exec"), world)
    return world


def test_the_pages_receiver_takes_what_is_sent_and_knows_it_again(
    page: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with outpost() as post:
        page["SECRET"] = post.register().secret
        task = post.done()
        post.settle()
    (request,) = post.receiver.asked
    seen: set[str] = set()

    answers = [page["receive"](request.body, request.headers, seen) for _ in range(2)]

    assert answers == [204, 204]
    assert capsys.readouterr().out == f"windrow.task.succeeded.v1 {task.ref.task}\n"


def test_the_pages_receiver_refuses_what_was_changed_on_its_way(page: dict[str, Any]) -> None:
    with outpost() as post:
        page["SECRET"] = post.register().secret
        post.done()
        post.settle()
    (request,) = post.receiver.asked

    changed = request.body.replace(b"succeeded", b"succeeds!")

    assert page["receive"](changed, request.headers, set()) == 400


def test_the_page_says_how_large_a_told_result_may_be() -> None:
    assert "10 KB at most" in (Path(__file__).parents[2] / PAPER).read_text()
