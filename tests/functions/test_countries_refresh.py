"""Refreshes that go well, one after the other."""

from datetime import timedelta
from typing import Any

import pytest

from tasks.countries import refresh as module
from tests.countries import (
    REFRESH,
    STATUS,
    countries,
    newest,
    refresh,
    start,
)
from tests.countries import status as polled
from tests.harness import Deployment
from windrow.lambdas.scheduler import fire


def by_name(deployment: Deployment) -> dict[str, Any]:
    return {each["name"]: each for each in countries(deployment)}


def test_before_the_first_refresh_everything_is_empty(deployment: Deployment) -> None:
    assert countries(deployment) == []
    assert deployment.http("GET", "/status").json() == {
        "total_countries": 0,
        "last_refreshed_at": None,
    }
    image = deployment.http("GET", "/countries/image")
    assert (image.status, image.json()) == (404, {"error": "Summary image not found"})


@pytest.mark.parametrize("body", [None, "", "{}"])
def test_a_post_answers_200_and_says_where_and_how_often_to_poll(
    deployment: Deployment, body: str | None
) -> None:
    response = deployment.http("POST", REFRESH, body=body)

    assert response.status == 200
    assert response.headers["location"] == STATUS
    assert response.headers["retry-after"] == "2"
    assert deployment.http("POST", "/countries/refresh").headers["location"] == (
        "/countries/refresh/status"
    )


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_poll_says_to_come_again_while_it_runs_and_where_the_countries_are_then(
    few: Deployment, method: str
) -> None:
    """GET is the status function's, HEAD the API's: one code answers both."""
    start(few)
    running = few.http(method, STATUS)
    few.pump()
    over = few.http(method, STATUS)

    assert (running.headers["location"], running.headers["retry-after"]) == (STATUS, "2")
    assert over.headers["location"] == "/api/v1/countries"
    assert "retry-after" not in over.headers
    assert running.headers["cache-control"] == over.headers["cache-control"] == "no-store"


def test_the_count_grows_by_50_as_chunks_end(deployment: Deployment) -> None:
    start(deployment)
    counts = []
    while deployment.deliver():
        counts.append(polled(deployment)["countries_processed"])

    assert sorted(set(counts)) == [0, 50, 100, 150, 200, 250]
    assert counts == sorted(counts)


def test_a_second_refresh_changes_all_values_and_no_id(few: Deployment) -> None:
    refresh(few)
    first = by_name(few)

    assert refresh(few)["status"] == "completed"
    second = by_name(few)

    assert len(second) == 10
    assert {name: each["id"] for name, each in first.items()} == {
        name: each["id"] for name, each in second.items()
    }
    assert all(
        first[name]["last_refreshed_at"] < second[name]["last_refreshed_at"] for name in second
    )
    changed = [n for n in second if first[n]["estimated_gdp"] != second[n]["estimated_gdp"]]
    assert len(changed) > 5


def test_a_deleted_country_comes_back_with_an_id_that_none_ever_had(
    few: Deployment,
) -> None:
    refresh(few)
    before = by_name(few)

    answer = few.http("DELETE", "/countries/NIGERIA")
    assert (answer.status, answer.json()) == (
        200,
        {"message": "Country 'Nigeria' deleted successfully"},
    )
    assert few.http("DELETE", "/countries/NIGERIA").status == 404
    assert few.http("GET", "/countries/nigeria").json() == {"error": "Country not found"}
    assert few.http("GET", "/status").json()["total_countries"] == 9

    refresh(few)
    after = by_name(few)
    assert after.keys() == before.keys()
    assert after["Nigeria"]["id"] > max(each["id"] for each in before.values())


def test_a_post_meets_a_live_refresh_and_only_that(
    few: Deployment,
) -> None:
    first = start(few)
    few.clock.advance(timedelta(seconds=40))
    second = start(few)

    assert (first["status"], second["status"]) == ("started", "already_running")
    assert second["started_at"] == first["started_at"]

    few.pump()
    third = start(few)
    assert third["status"] == "started"
    assert third["started_at"] > first["started_at"]


def test_the_image_changes_with_the_refresh(few: Deployment) -> None:
    refresh(few)
    first = few.http("GET", "/countries/image").headers["etag"]
    refresh(few)
    response = few.http("GET", "/countries/image", headers={"If-None-Match": first})

    assert response.status == 200
    assert response.headers["etag"] != first


def test_the_result_of_the_task_names_its_image(few: Deployment) -> None:
    refresh(few)

    assert newest(few).result == '{"image":"countries/default/summary.png"}'


def test_a_schedule_starts_a_refresh_once_a_tick(few: Deployment) -> None:
    tick = {
        "task": "countries.refresh",
        "schedule": "countries-daily",
        "scheduled_time": "2026-01-15T06:00:00Z",
    }

    assert fire(few.engine, tick)["is_new"]
    few.clock.advance(timedelta(seconds=1))
    assert not fire(few.engine, tick)["is_new"]
    few.pump()
    assert not fire(few.engine, tick)["is_new"]
    assert polled(few)["countries_processed"] == 10


def test_the_functions_stay_callable(few: Deployment) -> None:
    """What a task declares is still a function: the plan can be tried without an engine."""
    start(few)
    task = newest(few)
    context = few.engine.context(task, task, few.clock.now())

    items = module.refresh(context)
    module.store(context, items[:3])

    assert len(items) == 10
    assert [each["name"] for each in countries(few)] == [
        "Antarctica",
        "Brazil",
        "Côte d'Ivoire",
    ]
