"""GET /v1/tasks: what is listed, how it goes on, and what is refused."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import Response
from tests.listed import store, tasks
from tests.native import Client, assert_problem, deploy_native, greet, plain
from windrow import Context, task

SECOND = timedelta(seconds=1)


@task("letter.send")
def letter(context: Context) -> None: ...


@task("report.draw")
def report(context: Context) -> None: ...


@task("countries.refresh")
def refresh(context: Context) -> None: ...


@pytest.fixture
def client() -> Iterator[Client]:
    with deploy_native([greet, plain, letter, report, refresh]) as made:
        yield made


def ids(response: Response) -> list[str]:
    assert response.status == 200, response.body
    return [task["id"] for task in response.json()["tasks"]]


def next_of(response: Response) -> str | None:
    """Where the Link header leads to."""
    link = response.headers.get("link")
    if link is None:
        return None
    path, rel = link.split(";")
    assert rel.strip() == 'rel="next"'
    return path.strip("<>")


def followed(client: Client, path: str) -> list[Response]:
    pages = [client.get(path)]
    while (following := next_of(pages[-1])) is not None:
        pages.append(client.get(following))
    return pages


def test_nothing_is_an_empty_page_without_a_next_one(client: Client) -> None:
    response = client.get("/v1/tasks")

    assert response.json() == {"tasks": []}
    assert "link" not in response.headers


def test_tasks_are_shown_as_a_poll_shows_them_but_for_their_results(client: Client) -> None:
    task_id = client.submitted()
    client.deployment.pump()

    (listed,) = client.get("/v1/tasks").json()["tasks"]
    polled = client.get(f"/v1/tasks/{task_id}").json()

    assert polled.pop("result") == "Hello Ada!"
    assert listed == polled


def test_the_link_leads_through_all_of_them_with_the_same_filters(client: Client) -> None:
    stored = store(client.deployment.engine.records, tasks(60))

    pages = followed(client, "/v1/tasks?type=letter.send&limit=7")

    expected = [task.ref.task for task in stored if task.name == "letter.send"]
    assert [each for page in pages for each in ids(page)] == expected
    assert {len(ids(page)) for page in pages[:-1]} == {7}
    assert [page.json().get("cursor") is None for page in pages] == [False] * (len(pages) - 1) + [
        True
    ]


@pytest.mark.parametrize(
    ("asked", "is_meant"),
    [
        ("state=failed", lambda task: task.state == "failed"),
        ("state=queued,running", lambda task: task.state in ("queued", "running")),
        ("priority=3", lambda task: task.priority == 3),
        ("error=TimeoutError", lambda task: task.state == "failed"),
        (
            "type=report.draw&state=succeeded",
            lambda task: (task.name, task.state) == ("report.draw", "succeeded"),
        ),
        ("created_after=2026-01-15T10:30:50Z", lambda task: task.created.second >= 50),
        ("created_before=2026-01-15T12:30:09%2B02:00", lambda task: task.created.second < 9),
    ],
)
def test_filters_combine(client: Client, asked: str, is_meant: Any) -> None:
    stored = store(client.deployment.engine.records, tasks(60))

    pages = followed(client, f"/v1/tasks?{asked}&limit=5")

    expected = [task.ref.task for task in stored if is_meant(task)]
    assert [each for page in pages for each in ids(page)] == expected
    assert expected


def test_a_tenant_sees_its_own_and_goes_on_with_its_own_cursors_only(client: Client) -> None:
    records = client.deployment.engine.records
    store(records, tasks(3, tenant="acme"))
    acme, globex = (Client(client.deployment, name) for name in ("acme", "globex"))

    following = next_of(acme.get("/v1/tasks?limit=2"))

    assert following is not None
    assert globex.get("/v1/tasks").json() == {"tasks": []}
    assert len(ids(acme.get(following))) == 1
    assert_problem(globex.get(following), 400)


def test_a_tampered_cursor_is_a_problem(client: Client) -> None:
    store(client.deployment.engine.records, tasks(3))
    cursor = client.get("/v1/tasks?limit=1").json()["cursor"]
    changed = ("B" if cursor[0] != "B" else "C") + cursor[1:]

    problem = assert_problem(client.get(f"/v1/tasks?limit=1&cursor={changed}"), 400)

    assert problem["type"].endswith("invalid-cursor")
    assert_problem(client.get(f"/v1/tasks?limit=1&state=failed&cursor={cursor}"), 400)
    assert_problem(client.get("/v1/tasks?cursor="), 400)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("state=done", "state"),
        ("state=", "state"),
        ("state=queued,", "state"),
        ("priority=11", "priority"),
        ("priority=high", "priority"),
        ("created_after=yesterday", "created_after"),
        ("created_before=2026-01-15", "created_before"),
        ("created_before=2026-01-15T10:30:00", "created_before"),
        ("tenant=acme", "tenant"),
        ("offset=10", "offset"),
        ("limit=1&limit=2", "limit"),
        (f"type={'x' * 256}", "type"),
    ],
)
def test_what_is_no_filter_is_refused_by_its_name(client: Client, asked: str, field: str) -> None:
    assert_problem(client.get(f"/v1/tasks?{asked}"), 422, field=field)


def test_a_page_is_32_queries_and_one_batch_of_reads_at_most(client: Client) -> None:
    store(client.deployment.engine.records, tasks(200))
    client.get("/v1/tasks?limit=1")
    made = len(client.deployment.port.calls)

    client.get("/v1/tasks?type=never.submitted&limit=100")

    operations = [operation for operation, _ in client.deployment.port.calls[made:]]
    assert operations.count("Query") <= 32
    assert set(operations) <= {"Query", "BatchGetItem"}


@pytest.mark.parametrize(
    ("query", "field", "expected"),
    [
        ("type=letter.sned", "type", "(did you mean letter.send?)"),
        ("parent=nobody", "parent", "the id of a task"),
        ("schedule=a%2Fb", "schedule", "the id of a schedule"),
        ("state=done", "state", "any of queued, running, succeeded, failed, cancelled"),
        ("created_after=yesterday", "created_after", "an instant such as 2026-01-15T10:30:00Z"),
    ],
)
def test_a_filter_that_can_meet_nothing_says_so(
    client: Client, query: str, field: str, expected: str
) -> None:
    problem = assert_problem(client.get(f"/v1/tasks?{query}"), 422, field=field)

    assert expected in problem["errors"][0]["expected"]
    if field == "type":
        assert_problem(client.get(f"/v1/events?{query}"), 422, field=field)


def test_a_plus_sign_of_an_offset_may_come_as_the_space_that_it_means(client: Client) -> None:
    client.submitted()

    assert len(ids(client.get("/v1/tasks?created_after=2026-01-15T12:30:00+02:00"))) == 1
    assert ids(client.get("/v1/tasks?created_after=2026-01-15T12:30:01+02:00")) == []
    assert ids(client.get("/v1/tasks?created_before=2026-01-15T12:30:00%2B02:00")) == []
