"""What docs/schedules.md shows runs, and does what the page says of it."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.harness import deploy
from tests.house.test_papers import snippets
from tests.rings import Rings
from windrow import Registry, Schedule
from windrow.engine.declared import reconcile
from windrow.engine.definition import Definition

PAPER = "docs/schedules.md"


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Everything that the page declares."""
    world: dict[str, Any] = {"__name__": "schedules"}
    for snippet in snippets(PAPER):
        exec(compile(snippet, PAPER, "exec"), world)
    return world


@pytest.fixture
def rings(page: dict[str, Any]) -> Iterator[Rings]:
    tasks = [each for each in page.values() if isinstance(each, Definition)]
    with deploy(Registry(tasks)) as deployment:
        yield Rings(deployment)


def test_what_the_page_declares_is_made_and_starts(rings: Rings) -> None:
    made = reconcile(rings.deployment.engine).made

    rings.pass_time(timedelta(hours=16))

    assert set(made) == {"ledger.close", "backup.hourly", "backup.weekly"}
    assert rings.runs("ledger.close") == [("2026-01-16T01:30:00Z", "started")]
    assert [each.result for each in rings.tasks("backup.hourly")] == ['"changes"'] * 17


def test_the_launch_is_watched_for_ten_minutes(page: dict[str, Any], rings: Rings) -> None:
    called = page["watch_the_launch"](rings.deployment.engine)

    rings.pass_time(timedelta(minutes=12), step=timedelta(seconds=1))

    assert len(rings.runs(called)) == 60


def test_the_page_has_every_option() -> None:
    text = (Path(__file__).parents[2] / PAPER).read_text()

    assert [each.name for each in fields(Schedule) if f"`{each.name}`" not in text] == []
