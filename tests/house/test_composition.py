"""What docs/composition.md shows runs, and does what the page says of it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import Deployment, deploy
from tests.house.test_papers import snippets
from windrow import Registry
from windrow.engine.submit import submit
from windrow.model.states import State

PAPER = "docs/composition.md"
TASKS = ("send_letter", "report_letters", "draw", "frame", "hang", "invite")


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Everything that the page declares."""
    world: dict[str, Any] = {"__name__": "composition"}
    for snippet in snippets(PAPER):
        exec(compile(snippet, PAPER, "exec"), world)
    return world


@pytest.fixture
def deployment(page: dict[str, Any]) -> Iterator[Deployment]:
    with deploy(Registry([page[name] for name in TASKS])) as deployment:
        yield deployment


def test_letters_are_submitted_once(page: dict[str, Any], deployment: Deployment) -> None:
    first = page["send_letters"](deployment.engine)

    assert page["send_letters"](deployment.engine) == first
    deployment.pump()
    assert [deployment.task(each).state for each in first] == [State.SUCCEEDED] * 3


def test_a_group_is_reported(page: dict[str, Any], deployment: Deployment) -> None:
    group = page["send_and_report"](deployment.engine).task.ref

    deployment.run_for(timedelta(hours=1))

    assert deployment.task(group.task).has_errors
    (report,) = reports(deployment)
    assert json.loads(report) == ["3 of 4 were sent", "not sent: [3]"]


def test_a_picture_hangs(page: dict[str, Any], deployment: Deployment) -> None:
    chain = page["hang_a_picture"](deployment.engine).task.ref

    deployment.pump()

    assert deployment.task(chain.task).result == '"a hedge in a frame, on the wall"'


def test_invitations_are_children(page: dict[str, Any], deployment: Deployment) -> None:
    ref = submit(deployment.engine, "letters.invite").task.ref

    deployment.pump()

    assert deployment.task(ref.task).children == 2
    assert deployment.task(ref.task).result == "2"


def test_a_group_that_is_stopped_is_cancelled(page: dict[str, Any], deployment: Deployment) -> None:
    group = page["send_and_report"](deployment.engine)

    assert page["stop"](deployment.engine, group) == "running"

    deployment.pump()
    assert deployment.task(group.task.ref.task).state is State.CANCELLED


def reports(deployment: Deployment) -> list[str]:
    """What each report came to."""
    found = []
    for verb, ids in deployment.telemetry.events:
        if verb == "task.settled":
            record = deployment.task(ids["task"])
            if record.name == "letters.report" and record.result:
                found.append(record.result)
    return found
