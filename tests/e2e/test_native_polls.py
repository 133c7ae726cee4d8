"""Polls and lists of the native API, through the gateway and the functions as they are deployed."""

import httpx
import pytest

from tests.e2e.refreshes import Refreshes
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.usefixtures("function_logs")


def submitted(api: httpx.Client) -> str:
    accepted = api.post("/v1/tasks", json={"task": "countries.refresh"})
    assert accepted.status_code == 202, accepted.text
    task_id: str = accepted.json()["id"]
    assert accepted.headers["location"] == f"/v1/tasks/{task_id}"
    return task_id


def test_a_task_is_waited_for_polled_unchanged_and_found_again(
    refreshes: Refreshes, api: httpx.Client
) -> None:
    task_id = submitted(api)
    path = f"/v1/tasks/{task_id}"

    waited = api.get(path, headers={"prefer": "wait=20"})
    ended = eventually(lambda: api.get(path), lambda answer: answer.json()["state"] == "succeeded")
    again = api.get(path, headers={"if-none-match": ended.headers["etag"]})
    head = api.head(path)
    listed = api.get("/v1/tasks?type=countries.refresh&state=succeeded&limit=1")

    assert waited.headers["preference-applied"] == "wait=20"
    assert ended.json()["progress"]["percent"] == 100
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == head.headers["etag"] == ended.headers["etag"]
    assert head.content == b""
    assert [task["id"] for task in listed.json()["tasks"]] == [task_id]


def test_the_link_leads_from_page_to_page(refreshes: Refreshes, api: httpx.Client) -> None:
    for _ in range(2):
        refreshes.complete()

    first = api.get("/v1/tasks?limit=1")
    second = api.get(first.links["next"]["url"])

    ids = [task["id"] for page in (first, second) for task in page.json()["tasks"]]
    assert len(set(ids)) == 2


def test_an_unknown_task_is_a_problem_whichever_function_answers(api: httpx.Client) -> None:
    for path in ("", "/result", "/chunks"):
        answer = api.get(f"/v1/tasks/{'0' * 26}{path}")

        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
