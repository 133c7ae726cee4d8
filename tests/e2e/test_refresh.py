"""A refresh over HTTP, through the whole stack: what a client sees from POST to the picture."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier

import httpx
import pytest
from PIL import Image

from tests.e2e import seed
from tests.e2e.functions import no_work
from tests.e2e.refreshes import COUNTRIES, IMAGE, REFRESH, STATUS, Json, Refreshes
from tests.e2e.waiting import eventually

STARTED, ALREADY_RUNNING, RUNNING, COMPLETED, _ = seed.answers()
NAIVE_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
CALLERS = 20


def has_shape(answer: Json, example: Json) -> bool:
    """The seed's keys in its order, its types and its nulls; times as it writes them."""
    times = [value for key, value in answer.items() if key.endswith("_at") and value is not None]
    return [(key, type(value)) for key, value in answer.items()] == [
        (key, type(value)) for key, value in example.items()
    ] and all(NAIVE_SECONDS.fullmatch(time) for time in times)


def at_once(api: httpx.Client, method: str, path: str) -> list[httpx.Response]:
    """The answers to that many callers, none of whom asks before all are there."""
    all_there = Barrier(CALLERS)

    def call(_: int) -> httpx.Response:
        all_there.wait()
        return api.request(method, path)

    with ThreadPoolExecutor(CALLERS) as callers:
        return list(callers.map(call, range(CALLERS)))


def all_succeeded(answers: list[httpx.Response]) -> bool:
    return all(answer.is_success for answer in answers)


def test_a_refresh_ends_with_250_countries_and_every_poll_on_the_way_is_legal(
    refreshes: Refreshes,
) -> None:
    started = refreshes.start()
    *running, ended = refreshes.polls()

    assert has_shape(started, STARTED)
    assert started | {"started_at": ""} == STARTED | {"started_at": ""}
    assert running
    for seen in running:
        assert has_shape(seen, RUNNING)
        assert (seen["is_running"], seen["status"], seen["error"]) == (True, "running", None)
        assert seen["countries_processed"] in range(0, 251, 50)
    assert has_shape(ended, COMPLETED)
    assert (ended["is_running"], ended["status"]) == (False, "completed")
    assert ended["countries_processed"] == 250
    assert ended["completed_at"] >= ended["started_at"]
    counts = [seen["countries_processed"] for seen in (*running, ended)]
    assert counts == sorted(counts)
    assert {seen["started_at"] for seen in (*running, ended)} == {started["started_at"]}


def test_the_answer_to_a_post_says_where_to_poll_and_the_last_poll_where_to_read(
    refreshes: Refreshes, api: httpx.Client
) -> None:
    posted = api.post(REFRESH)
    refreshes.end()
    polled = api.get(posted.headers["location"])

    assert (posted.headers["location"], posted.headers["retry-after"]) == (STATUS, "2")
    assert polled.json()["status"] == "completed"
    assert len(api.get(polled.headers["location"]).json()) == 250


def test_the_countries_of_a_refresh_are_listed_and_the_largest_come_first(
    refreshed: Refreshes,
) -> None:
    found = refreshed.countries()
    largest = refreshed.countries("?sort=gdp_desc")[:5]

    assert len(found) == len({each["name"].casefold() for each in found}) == 250
    assert sorted(row.name for row in refreshed.rows()) == sorted(each["name"] for each in found)
    values = [each["estimated_gdp"] for each in largest]
    known = [each["estimated_gdp"] for each in found if each["estimated_gdp"] is not None]
    assert values == sorted(known, reverse=True)[:5]


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        ("nigeria", "Nigeria"),
        ("C%C3%B4te%20d%27Ivoire", "Côte d'Ivoire"),
        ("Co%CC%82te%20d'ivoire", "Côte d'Ivoire"),
        ("%C3%85LAND%20ISLANDS", "Åland Islands"),
    ],
)
def test_a_country_is_found_by_its_name_in_any_case(
    refreshed: Refreshes, api: httpx.Client, encoded: str, name: str
) -> None:
    assert api.get(f"{COUNTRIES}/{encoded}").json()["name"] == name


def test_a_deleted_country_is_gone_until_the_next_refresh(
    refreshed: Refreshes, api: httpx.Client
) -> None:
    answer = api.delete(f"{COUNTRIES}/NIGERIA")
    gone = api.get(f"{COUNTRIES}/Nigeria")
    left = len(refreshed.rows())
    refreshed.complete()

    assert answer.json() == {"message": "Country 'Nigeria' deleted successfully"}
    assert (gone.status_code, gone.json()) == (404, {"error": "Country not found"})
    assert (left, len(refreshed.rows())) == (249, 250)


def test_the_picture_is_a_png_that_a_client_need_not_fetch_twice(
    refreshed: Refreshes, api: httpx.Client
) -> None:
    picture = api.get(IMAGE)
    again = api.get(IMAGE, headers={"If-None-Match": picture.headers["etag"]})

    assert picture.headers["content-type"] == "image/png"
    with Image.open(BytesIO(picture.content)) as drawn:
        drawn.verify()
        assert drawn.format == "PNG"
    assert (again.status_code, again.content) == (304, b"")


def test_both_spellings_of_a_path_lead_to_the_same_functions(
    refreshed: Refreshes, api: httpx.Client
) -> None:
    short = api.get("/countries/refresh/status")

    assert short.json() == refreshed.status()
    assert short.headers["location"] == "/countries"
    assert api.get("/countries").json() == refreshed.countries()
    assert api.get("/status").json() == api.get("/api/v1/status").json()


def test_of_twenty_posts_at_once_one_starts_a_refresh_and_nineteen_meet_it(
    refreshes: Refreshes, api: httpx.Client
) -> None:
    # Each caller gets a process of its own, as on AWS; twenty take a while to start on two cores.
    eventually(lambda: at_once(api, "GET", COUNTRIES), all_succeeded, within=timedelta(minutes=2))

    # Without work no refresh can end between the first POST and the last, however busy we are.
    with no_work(refreshes.stack.clients, refreshes.stack.resources["WorkerFunction"]):
        answers = [answer.json() for answer in at_once(api, "POST", REFRESH)]

    answers.sort(key=lambda answer: str(answer["status"]), reverse=True)
    started, *others = answers
    assert started["status"] == "started"
    assert others == [ALREADY_RUNNING | {"started_at": started["started_at"]}] * (CALLERS - 1)
    ended = refreshes.end()
    assert (ended["status"], ended["started_at"]) == ("completed", started["started_at"])
    assert len(refreshes.rows()) == 250
