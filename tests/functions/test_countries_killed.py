"""Workers that die, and workers that come back from the dead.

"already_running forever" is the known bug of seed 000, whose advice is to restart the application.
Here the lock points at a task, and every task ends.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tasks.countries import refresh as module
from tests.countries import (
    countries,
    newest,
    refresh,
    start,
    status,
)
from tests.harness import Deployment
from windrow import Outcome
from windrow.engine.expand import chunk_items
from windrow.model.states import State


def assert_is_whole(deployment: Deployment, count: int = 250) -> None:
    """The refresh ended well: every row, none twice, an image, and the next one may start."""
    done = status(deployment)
    assert (done["is_running"], done["status"], done["error"]) == (False, "completed", None)
    assert done["countries_processed"] == count
    found = countries(deployment)
    assert len(found) == count
    assert len({each["name"].casefold() for each in found}) == count
    assert len({each["id"] for each in found}) == count
    assert deployment.http("GET", "/countries/image").status == 200
    assert deployment.http("GET", "/status").json()["last_refreshed_at"] is not None
    assert start(deployment)["status"] == "started"


@pytest.mark.parametrize(
    ("effect", "rows"),
    [("killed before", 0), ("killed before", 70), ("killed after", 99), ("killed after", 249)],
)
def test_a_worker_that_dies_in_the_middle_of_a_chunk_delays_the_refresh_and_no_more(
    deployment: Deployment, effect: str, rows: int
) -> None:
    deployment.port.plan(effect, "UpdateItem", skip=rows, Key="ROW#")
    start(deployment)
    deployment.pump()
    assert status(deployment)["is_running"]
    assert status(deployment)["countries_processed"] == 200

    deployment.run_for(timedelta(minutes=5))

    assert_is_whole(deployment)


@pytest.mark.parametrize(
    ("operation", "where", "text"),
    [
        ("UpdateItem", "UpdateExpression", "planned_by"),
        ("PutObject", "Key", "items-"),
        ("UpdateItem", "UpdateExpression", "#refreshed_at = #planned_at"),
        ("PutObject", "Key", "summary.png"),
    ],
    ids=["plan", "snapshot", "time", "image"],
)
def test_a_worker_that_dies_before_or_after_the_chunks_delays_the_refresh_and_no_more(
    few: Deployment, operation: str, where: str, text: str
) -> None:
    containing: dict[str, Any] = {where: text}
    few.port.plan("killed after", operation, **containing)
    start(few)
    few.pump()
    assert status(few)["is_running"]

    few.run_for(timedelta(minutes=5))

    assert_is_whole(few, 10)


def test_a_refresh_whose_workers_always_die_ends_as_an_error_and_the_next_one_starts(
    deployment: Deployment,
) -> None:
    deployment.port.plan("killed before", "UpdateItem", times=10_000, Key="'ROW#nigeria'")
    start(deployment)

    deployment.run_for(timedelta(minutes=35))

    failed = status(deployment)
    assert (failed["is_running"], failed["status"]) == (False, "error")
    assert failed["error"] == "50 of 250 countries could not be stored"
    assert start(deployment)["status"] == "started"


def test_a_refresh_that_no_worker_ever_takes_ends_by_its_deadline(few: Deployment) -> None:
    start(few)
    for _ in range(40):
        few.hints.lose()
        few.clock.advance(timedelta(minutes=1))
        few.sweep()

    failed = status(few)
    assert (failed["is_running"], failed["status"]) == (False, "error")
    assert failed["error"] == "It did not end by its deadline."
    assert start(few)["status"] == "started"


def test_every_hint_delivered_twice_changes_nothing(deployment: Deployment) -> None:
    start(deployment)
    while waiting := list(deployment.hints.messages):
        deployment.hints.messages += [replace(message) for message in waiting]
        assert deployment.pump() >= len(waiting)
        # A hint that found nothing to start looks once more.
        deployment.clock.advance(timedelta(seconds=2))

    assert_is_whole(deployment)


def test_a_zombie_of_an_older_refresh_changes_nothing(few: Deployment) -> None:
    refresh(few)
    old = newest(few)
    chunk = few.chunks(old.ref.task)[0]
    refresh(few)
    before = countries(few)

    # It read its items before the second refresh, and writes them only now.
    context = few.engine.context(old, chunk, few.clock.now())
    module.store(context, chunk_items(few.engine, old, chunk))

    assert countries(few) == before


def test_a_zombie_that_writes_its_image_late_sets_no_time(few: Deployment) -> None:
    refresh(few)
    old = newest(few)
    refresh(few)
    before = few.http("GET", "/status").json()
    image = few.http("GET", "/countries/image").body

    context = few.engine.context(old, old, few.clock.now())
    result = module.finish(context, Outcome(10, 10, 0))

    assert result is None
    assert few.http("GET", "/status").json() == before
    assert few.http("GET", "/countries/image").body == image


def test_a_chunk_done_twice_changes_nothing(few: Deployment) -> None:
    refresh(few)
    task = newest(few)
    chunk = few.chunks(task.ref.task)[0]
    before = countries(few)
    assert chunk.state is State.SUCCEEDED

    context = few.engine.context(task, chunk, few.clock.now())
    module.store(context, chunk_items(few.engine, task, chunk))

    assert countries(few) == before
