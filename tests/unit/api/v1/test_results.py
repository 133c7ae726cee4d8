"""What a task came to over HTTP: its result, a map's failed items, its chunks."""

from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import Response, http_event
from tests.native import Client, assert_problem, deploy_native
from windrow import Context, RetryPolicy, task
from windrow.engine.cancel import cancel
from windrow.engine.failures import LARGEST_PAGE
from windrow.model.payload import INLINE_RESULT
from windrow.model.ref import Ref

ITEMS = 260


@task("said")
def said(context: Context) -> dict[str, list[int]]:
    return {"all": [1, 2, 3]}


@task("silent")
def silent(context: Context) -> None:
    return None


@task("long-winded")
def long_winded(context: Context) -> str:
    return "x" * (INLINE_RESULT + 1)


@task("hopeless", retry=RetryPolicy(attempts=1))
def hopeless(context: Context) -> None:
    raise ValueError("no good")


@task.map("sevens", chunk_size=2, retry=RetryPolicy(attempts=1))
def sevens(context: Context) -> Any:
    return ({"number": number} for number in range(ITEMS))


@sevens.each
def check(context: Context, item: dict[str, int]) -> None:
    if item["number"] % 7 == 0:
        raise ValueError(f"{item['number']} is a seventh")


@task.map("heavy", chunk_size=1, retry=RetryPolicy(attempts=1))
def heavy(context: Context) -> Any:
    return ("y" * (LARGEST_PAGE // 4) for _ in range(6))


@heavy.each
def refuse(context: Context, item: str) -> None:
    raise ValueError("too heavy")


@pytest.fixture
def client() -> Iterator[Client]:
    with deploy_native([said, silent, long_winded, hopeless, sevens, heavy]) as made:
        yield made


def done(client: Client, name: str) -> str:
    task_id = client.submitted(name)
    client.deployment.run_for(timedelta(minutes=10))
    return task_id


def followed(client: Client, path: str, name: str) -> tuple[list[Any], list[Response]]:
    """Everything that the pages of a list hold, and these."""
    pages, found = [client.get(path)], list[Any]()
    while True:
        assert pages[-1].status == 200, pages[-1].body
        found += pages[-1].json()[name]
        link = pages[-1].headers.get("link")
        if link is None:
            return found, pages
        pages.append(client.get(link.partition(";")[0].strip("<>")))


def test_a_result_is_its_json_and_nothing_else(client: Client) -> None:
    response = client.get(f"/v1/tasks/{done(client, 'said')}/result")

    assert response.status == 200
    assert response.headers["content-type"] == "application/json"
    assert response.body == b'{"all":[1,2,3]}'
    assert client.get(f"/v1/tasks/{done(client, 'silent')}/result").body == b"null"


def test_a_large_result_is_elsewhere(client: Client) -> None:
    response = client.get(f"/v1/tasks/{done(client, 'long-winded')}/result")

    assert (response.status, response.body) == (303, b"")
    fetched = client.deployment.services.s3.signatures.fetch(response.headers["location"])
    assert fetched == b'"' + b"x" * (INLINE_RESULT + 1) + b'"'


def test_a_result_is_gone_when_its_time_is_over(client: Client) -> None:
    task_id = done(client, "said")

    client.deployment.clock.advance(timedelta(days=1))

    problem = assert_problem(client.get(f"/v1/tasks/{task_id}/result"), 404)
    assert problem["type"].endswith("result-expired")


def test_before_its_end_there_is_no_result_and_after_a_failure_none_ever(client: Client) -> None:
    failed, waits, stopped = done(client, "hopeless"), *map(client.submitted, ("said", "said"))
    cancel(client.deployment.engine, Ref("default", stopped))

    details = {
        task_id: assert_problem(client.get(f"/v1/tasks/{task_id}/result"), 409)["detail"]
        for task_id in (failed, waits, stopped)
    }

    assert details == {
        failed: f"Task {failed} has failed, and has no result: ValueError: no good",
        waits: f"Task {waits} is queued: it has no result yet.",
        stopped: f"Task {stopped} was cancelled, and has no result.",
    }


@pytest.mark.parametrize("limit", [1, 5, 20, 100])
def test_the_failed_items_are_listed_with_their_reasons(client: Client, limit: int) -> None:
    task_id = done(client, "sevens")

    found, pages = followed(client, f"/v1/tasks/{task_id}/failures?limit={limit}", "failures")

    assert [each["number"] for each in found] == list(range(0, ITEMS, 7))
    assert found[1] == {
        "number": 7,
        "item": {"number": 7},
        "error": {"kind": "ValueError", "message": "7 is a seventh"},
    }
    assert all(len(page.json()["failures"]) <= limit for page in pages)


def test_heavy_items_make_short_pages(client: Client) -> None:
    task_id = done(client, "heavy")

    found, pages = followed(client, f"/v1/tasks/{task_id}/failures", "failures")

    assert [each["number"] for each in found] == list(range(6))
    assert max(len(page.body) for page in pages) < 6_000_000
    assert len(pages) > 1


@pytest.mark.parametrize("limit", [1, 30, 100])
def test_chunks_are_listed_in_their_order(client: Client, limit: int) -> None:
    task_id = done(client, "sevens")

    found, _ = followed(client, f"/v1/tasks/{task_id}/chunks?limit={limit}", "chunks")

    assert [each["number"] for each in found] == list(range(ITEMS // 2))
    assert found[0] == {
        "number": 0,
        "state": "succeeded",
        "first_item": 0,
        "items": 2,
        "attempts": 1,
        "succeeded": 1,
        "failed": 1,
        "started_at": "2026-01-15T10:31:00.000Z",
        "ended_at": "2026-01-15T10:31:00.000Z",
        "error": {"kind": "ValueError", "message": "0 is a seventh"},
    }
    assert "error" not in found[1]


def test_a_map_that_has_not_begun_has_neither(client: Client) -> None:
    task_id = client.submitted("sevens")

    assert client.get(f"/v1/tasks/{task_id}/failures").json() == {"failures": []}
    assert client.get(f"/v1/tasks/{task_id}/chunks").json() == {"chunks": []}


@pytest.mark.parametrize("part", ["failures", "chunks"])
def test_what_is_no_map_has_no_parts(client: Client, part: str) -> None:
    task_id = client.submitted("said")

    assert_problem(client.get(f"/v1/tasks/{task_id}/{part}"), 404)
    assert_problem(client.get(f"/v1/tasks/{'0' * 26}/{part}"), 404)
    assert_problem(client.get(f"/v1/tasks/{task_id}/{part}?limit=0"), 422, field="limit")


def test_a_cursor_of_one_map_or_list_is_none_of_another(client: Client) -> None:
    one, other = done(client, "sevens"), done(client, "sevens")
    cursor = client.get(f"/v1/tasks/{one}/failures?limit=1").json()["cursor"]

    assert_problem(client.get(f"/v1/tasks/{other}/failures?cursor={cursor}"), 400)
    assert_problem(client.get(f"/v1/tasks/{one}/chunks?cursor={cursor}"), 400)


@pytest.mark.parametrize("part", ["result", "failures", "chunks"])
def test_another_tenants_task_is_nobodys(client: Client, part: str) -> None:
    acme, globex = (Client(client.deployment, name) for name in ("acme", "globex"))
    task_id = acme.submitted("sevens")

    assert_problem(globex.get(f"/v1/tasks/{task_id}/{part}"), 404)


def test_a_server_without_the_status_function_answers_polls_the_same(client: Client) -> None:
    """The route in the API answers as the status function does, which the others here ask."""
    task_id = done(client, "said")
    polled = client.get(f"/v1/tasks/{task_id}")

    direct = directly(client, f"/v1/tasks/{task_id}")
    unchanged = directly(client, f"/v1/tasks/{task_id}", if_none_match=polled.headers["etag"])

    assert direct.json() == polled.json()
    assert direct.headers["etag"] == polled.headers["etag"]
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert_problem(directly(client, f"/v1/tasks/{'0' * 26}"), 404)


def directly(client: Client, path: str, **headers: str) -> Response:
    """What the API function answers, were it asked."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    event = http_event("GET", path, None, sent) | {"routeKey": "$default"}
    reply = client.deployment.api(event, client.deployment.context)
    raw = reply["body"].encode()
    body = b64decode(raw) if reply.get("isBase64Encoded") else raw
    return Response(reply["statusCode"], reply["headers"], body)
