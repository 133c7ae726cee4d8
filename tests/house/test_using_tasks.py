"""What docs/using-tasks.md shows runs, and does what the page says of it."""

import inspect
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.harness import ENVIRONMENT, Deployment, deploy
from tests.house.test_papers import snippets
from tests.listed import store, tasks
from windrow import Registry
from windrow.engine.engine import Engine
from windrow.engine.submit import submit
from windrow.model.states import State

ROOT = Path(__file__).parents[2]
PAPER = "docs/using-tasks.md"
EXPECTED_FAILURES = [(number, "a seven") for number in (7, 17, 27)]


@pytest.fixture(scope="module")
def page() -> Iterator[dict[str, Any]]:
    """Everything that the page declares."""
    world: dict[str, Any] = {"__name__": "using_tasks"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        for snippet in snippets(PAPER):
            exec(compile(snippet, PAPER, "exec"), world)
        yield world


@pytest.fixture
def deployment(page: dict[str, Any]) -> Iterator[Deployment]:
    with deploy(Registry([page["send_letter"], page["plan_numbers"]])) as deployment:
        yield deployment


def test_the_pages_engine_is_one(page: dict[str, Any]) -> None:
    assert isinstance(page["engine"], Engine)
    assert "countries.refresh" in page["engine"].registry


def test_a_letter_is_submitted_once_and_can_be_followed_to_its_result(
    page: dict[str, Any], deployment: Deployment
) -> None:
    ref = page["send_a_letter"](deployment.engine)
    again = page["send_a_letter"](deployment.engine)

    assert again == ref
    assert page["how_far"](deployment.engine, ref) == "queued"
    assert page["why_not"](deployment.engine, ref).startswith("It waits for its time")
    assert page["sent_to"](deployment.engine, ref) is None

    deployment.run_for(timedelta(minutes=10))

    assert page["how_far"](deployment.engine, ref) == "succeeded"
    assert page["sent_to"](deployment.engine, ref) == '{"sent_to":"Ada"}'


def test_what_waits_is_made_urgent_cancelled_and_begun_again(
    page: dict[str, Any], deployment: Deployment
) -> None:
    ref = page["send_one_later"](deployment.engine)

    assert page["hurry"](deployment.engine, ref) == 10
    assert page["stop"](deployment.engine, ref) is State.CANCELLED
    assert page["begin_again"](deployment.engine, ref) is State.QUEUED

    deployment.run_for(timedelta(minutes=10))

    assert page["sent_to"](deployment.engine, ref) == '{"sent_to":"Alan"}'


def test_tasks_are_found_again(page: dict[str, Any], deployment: Deployment) -> None:
    records = deployment.engine.records
    stored = store(records, tasks(400))
    deployment.clock.advance(timedelta(hours=1))

    found = page["what_timed_out_today"](deployment.engine)

    expected = [
        task.ref.task
        for task in stored
        if task.state is State.FAILED and task.name == "letter.send"
    ]
    assert found == expected


def test_the_items_that_failed_are_listed_and_done_again(
    page: dict[str, Any], deployment: Deployment
) -> None:
    ref = submit(deployment.engine, "numbers.check").task.ref
    deployment.run_for(timedelta(minutes=30))

    assert page["what_failed"](deployment.engine, ref) == EXPECTED_FAILURES
    assert page["do_what_failed"](deployment.engine, ref) is State.QUEUED

    deployment.run_for(timedelta(minutes=30))

    assert page["what_failed"](deployment.engine, ref) == EXPECTED_FAILURES


def test_the_page_has_every_option_of_a_submission() -> None:
    text = (ROOT / PAPER).read_text()
    given = inspect.signature(submit).parameters.values()
    options = [option.name for option in given if option.kind is option.KEYWORD_ONLY]

    assert [option for option in options if f"`{option}`" not in text] == []
    assert [option for option in options if f"{option}=" not in text] == []
