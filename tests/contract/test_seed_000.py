"""Seed 000, as it was given to us (seeds/000.md), against the answers of the real handlers.

Each of its JSON blocks is compared as text: keys and their order, types, nulls, values. The clock
stands where the seed's clock stood.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.countries import deploy_countries, start, status
from tests.harness import Deployment

SEED = (Path(__file__).parent / "seeds" / "000.md").read_text("utf-8")
STARTED, ALREADY_RUNNING, RUNNING, COMPLETED, ERROR = map(
    json.loads, re.findall(r"```json\n(.*?)```", SEED, re.DOTALL)
)
HALF_PAST_TEN = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
NAIVE_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy_countries() as deployed:
        at(deployed, HALF_PAST_TEN)
        yield deployed


def at(deployment: Deployment, time: datetime) -> None:
    deployment.clock.advance(time - deployment.clock.now())


def text(answer: Any) -> str:
    return json.dumps(answer, indent=1)


def test_a_refresh_is_started(deployment: Deployment) -> None:
    assert text(start(deployment)) == text(STARTED)


def test_a_second_one_meets_the_first(deployment: Deployment) -> None:
    at(deployment, HALF_PAST_TEN - timedelta(minutes=1))
    start(deployment)

    at(deployment, HALF_PAST_TEN)
    assert text(start(deployment)) == text(ALREADY_RUNNING)


def test_a_refresh_that_has_just_started_is_running(deployment: Deployment) -> None:
    start(deployment)

    assert text(status(deployment)) == text(RUNNING)


def test_a_refresh_that_is_over_is_completed(deployment: Deployment) -> None:
    start(deployment)
    at(deployment, HALF_PAST_TEN + timedelta(minutes=5))
    deployment.pump()

    assert text(status(deployment)) == text(COMPLETED)


@pytest.mark.parametrize("upstream", ["countries", "rates"])
def test_a_refresh_whose_upstream_fails_is_an_error(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, upstream: str
) -> None:
    monkeypatch.setenv("COUNTRIES_FAULT", upstream)
    start(deployment)
    at(deployment, HALF_PAST_TEN + timedelta(minutes=2))
    deployment.pump()

    # The seed's example has 50 countries stored when an upstream fails. The exercise behind it
    # forbids that, and here both upstreams are fetched before the first row is written.
    assert text(status(deployment)) == text({**ERROR, "countries_processed": 0})


def test_before_the_first_refresh_the_status_has_the_same_keys_in_the_same_order(
    deployment: Deployment,
) -> None:
    idle = status(deployment)

    assert list(idle) == list(RUNNING)
    assert list(idle.values()) == [False, "idle", None, None, 0, None]


def test_every_time_in_the_seed_is_of_the_kind_that_we_send() -> None:
    blocks = [STARTED, ALREADY_RUNNING, RUNNING, COMPLETED, ERROR]
    times = [block[key] for block in blocks for key in block if key.endswith("_at") and block[key]]

    assert len(times) == 7
    assert all(NAIVE_SECONDS.fullmatch(time) for time in times)


def test_the_answers_of_the_short_paths_are_the_same(deployment: Deployment) -> None:
    assert deployment.http("POST", "/countries/refresh").json() == STARTED
    assert deployment.http("GET", "/countries/refresh/status").json() == RUNNING
