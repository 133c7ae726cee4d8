"""/v1/schedules: made, listed, changed, paused, resumed, removed; and what is refused."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.native import Client, assert_problem, deploy_native, greet
from tests.rings import Rings
from windrow import Context, Schedule, task
from windrow.engine.declared import reconcile

ADA = {"name": "Ada"}
NIGHTLY = {"id": "nightly", "task": "greet", "params": ADA, "cron": "30 2 * * *"}


@task("tidy", schedule=Schedule(cron="0 * * * *"))
def tidy(context: Context) -> None: ...


@pytest.fixture
def client() -> Iterator[Client]:
    with deploy_native([greet, tidy]) as made:
        yield made


@pytest.fixture
def rings(client: Client) -> Rings:
    return Rings(client.deployment)


def test_a_schedule_is_made_and_says_when_it_comes(client: Client) -> None:
    made = client.post("/v1/schedules", NIGHTLY | {"timezone": "Europe/Berlin"})

    assert made.status == 201
    assert made.headers["location"] == "/v1/schedules/nightly"
    assert made.json() == {
        "id": "nightly",
        "task": "greet",
        "params": ADA,
        "state": "active",
        "cron": "30 2 * * *",
        "timezone": "Europe/Berlin",
        "overlap": "skip",
        "catch_up_seconds": 3600,
        "created_at": "2026-01-15T10:30:00.000Z",
        "changed_at": "2026-01-15T10:30:00.000Z",
        "started": 0,
        "skipped": 0,
        "missed": 0,
        "next_runs": [f"2026-01-{day}T01:30:00.000Z" for day in range(16, 21)],
    }


def test_it_starts_tasks_and_lists_them(client: Client, rings: Rings) -> None:
    body = {"task": "greet", "params": ADA, "every_seconds": 10, "duration_seconds": 600}
    made = client.post("/v1/schedules", body).json()

    rings.pass_time(timedelta(minutes=11), step=timedelta(seconds=1))

    seen = client.get(f"/v1/schedules/{made['id']}").json()
    assert (seen["state"], seen["started"], seen["next_runs"]) == ("ended", 60, [])
    assert [run["planned_at"] for run in seen["last_runs"]] == [
        f"2026-01-15T10:39:{second}.000Z" for second in (50, 40, 30, 20, 10)
    ]
    last = seen["last_runs"][0]
    assert (last["outcome"], last["state"]) == ("started", "succeeded")
    run = client.get(f"/v1/tasks/{last['task_id']}").json()
    assert (run["result"], run["schedule"]) == ("Hello Ada!", made["id"])


def test_runs_are_listed_page_by_page(client: Client, rings: Rings) -> None:
    client.post("/v1/schedules", NIGHTLY | {"cron": "*/10 * * * *"})
    rings.pass_time(timedelta(hours=1))

    path, seen = "/v1/schedules/nightly/runs?limit=4", []
    while path:
        page = client.get(path)
        seen += [run["planned_at"] for run in page.json()["runs"]]
        path = page.headers.get("link", "").partition(">")[0].removeprefix("<")

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 6


def test_schedules_are_listed_page_by_page_and_each_tenants_own(client: Client) -> None:
    for name in ("c", "a", "b"):
        client.post("/v1/schedules", NIGHTLY | {"id": name})
    other = Client(client.deployment, tenant="other")
    other.post("/v1/schedules", NIGHTLY | {"id": "theirs"})

    first = client.get("/v1/schedules?limit=2")
    link = first.headers["link"].partition(">")[0].removeprefix("<")
    second = client.get(link)

    assert [each["id"] for each in first.json()["schedules"]] == ["a", "b"]
    assert [each["id"] for each in second.json()["schedules"]] == ["c"]
    assert [each["id"] for each in other.get("/v1/schedules").json()["schedules"]] == ["theirs"]
    assert_problem(client.get("/v1/schedules/theirs"), 404)
    assert_problem(other.get(link), 400)


def test_an_unchanged_schedule_is_answered_304(client: Client, rings: Rings) -> None:
    client.post("/v1/schedules", NIGHTLY | {"cron": "0 * * * *"})
    first = client.get("/v1/schedules/nightly")

    same = client.get("/v1/schedules/nightly", if_none_match=first.headers["etag"])
    rings.pass_time(timedelta(hours=1))
    other = client.get("/v1/schedules/nightly", if_none_match=first.headers["etag"])

    assert (same.status, same.body) == (304, b"")
    assert other.status == 200


def test_a_pause_and_its_end(client: Client, rings: Rings) -> None:
    client.post("/v1/schedules", NIGHTLY | {"cron": "0 * * * *"})

    paused = client.post("/v1/schedules/nightly/pause").json()
    rings.pass_time(timedelta(hours=2))
    resumed = client.post("/v1/schedules/nightly/resume", {}).json()
    rings.pass_time(timedelta(hours=1))

    assert (paused["state"], paused["next_runs"]) == ("paused", [])
    assert resumed["next_runs"][0] == "2026-01-15T13:00:00.000Z"
    assert client.get("/v1/schedules/nightly").json()["started"] == 1


def test_a_change_says_what_is_otherwise_and_no_more(client: Client) -> None:
    client.post("/v1/schedules", NIGHTLY | {"timezone": "Asia/Tokyo", "priority": 7})

    changed = client.patch("/v1/schedules/nightly", {"overlap": "queue", "priority": None}).json()
    moved = client.patch("/v1/schedules/nightly", {"every_seconds": 90}).json()

    assert (changed["cron"], changed["timezone"]) == ("30 2 * * *", "Asia/Tokyo")
    assert changed["overlap"] == "queue"
    assert "priority" not in changed
    assert (moved["every_seconds"], moved.get("cron"), moved["overlap"]) == (90, None, "queue")


def test_a_removed_schedule_is_gone_and_its_runs_are_not(client: Client, rings: Rings) -> None:
    client.post("/v1/schedules", NIGHTLY | {"cron": "0 * * * *"})
    rings.pass_time(timedelta(hours=1))

    removed = client.delete("/v1/schedules/nightly")

    assert (removed.status, removed.body) == (204, b"")
    assert_problem(client.get("/v1/schedules/nightly"), 404)
    assert_problem(client.delete("/v1/schedules/nightly"), 404)
    # The tick has made the one that is declared.
    assert [each["id"] for each in client.get("/v1/schedules").json()["schedules"]] == ["tidy"]
    assert len(client.get("/v1/schedules/nightly/runs").json()["runs"]) == 1


def test_the_runs_of_no_schedule_are_not_found(client: Client) -> None:
    client.post("/v1/schedules", NIGHTLY)

    assert client.get("/v1/schedules/nightly/runs").json() == {"runs": []}
    assert_problem(client.get("/v1/schedules/unheard-of/runs"), 404)
    client.delete("/v1/schedules/nightly")
    assert_problem(client.get("/v1/schedules/nightly/runs"), 404)


def test_a_page_after_the_last_run_of_a_removed_schedule_is_empty(
    client: Client, rings: Rings
) -> None:
    client.post("/v1/schedules", NIGHTLY | {"cron": "0 * * * *"})
    rings.pass_time(timedelta(hours=1))
    client.delete("/v1/schedules/nightly")

    full = client.get("/v1/schedules/nightly/runs?limit=1")
    following = client.get(full.headers["link"].partition(">")[0].removeprefix("<"))

    assert len(full.json()["runs"]) == 1
    assert (following.status, following.json()) == (200, {"runs": []})


def test_its_task_can_be_started_now(client: Client) -> None:
    client.post("/v1/schedules", NIGHTLY)

    run = client.post("/v1/schedules/nightly/run")

    assert run.status == 202
    client.deployment.pump()
    assert client.get(run.headers["location"]).json()["result"] == "Hello Ada!"


def test_its_task_is_started_once_for_a_key(client: Client) -> None:
    client.post("/v1/schedules", NIGHTLY)
    path = "/v1/schedules/nightly/run"

    first = client.post(path, idempotency_key="k")
    client.deployment.clock.advance(timedelta(seconds=5))
    client.patch("/v1/schedules/nightly", {"params": {"name": "Bob"}})
    again = client.post(path, idempotency_key="k")
    other = client.post(path, idempotency_key="l")

    assert again.json()["id"] == first.json()["id"] != other.json()["id"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    runs = client.get("/v1/schedules/nightly/runs").json()["runs"]
    assert [run["task_id"] for run in runs] == [other.json()["id"], first.json()["id"]]


def test_what_is_declared_in_code_is_changed_there(client: Client) -> None:
    reconcile(client.deployment.engine)

    assert client.get("/v1/schedules/tidy").json()["is_declared"]
    assert_problem(client.patch("/v1/schedules/tidy", {"cron": "5 * * * *"}), 409)
    assert_problem(client.delete("/v1/schedules/tidy"), 409)
    assert client.post("/v1/schedules/tidy/pause").status == 200


def test_the_same_key_makes_one_schedule(client: Client) -> None:
    body = {"task": "greet", "params": ADA, "cron": "0 6 * * *"}

    first = client.post("/v1/schedules", body, idempotency_key="k")
    second = client.post("/v1/schedules", body, idempotency_key="k")
    other = client.post("/v1/schedules", body | {"cron": "0 7 * * *"}, idempotency_key="k")

    assert first.json()["id"] == second.json()["id"]
    assert_problem(other, 409)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"cron": "99 * * * *"}, "cron"),
        ({"cron": None}, "cron"),
        ({"cron": None, "every_seconds": 0}, "every_seconds"),
        ({"cron": None, "every_seconds": 1.5}, "every_seconds"),
        ({"every_seconds": 10}, "every_seconds"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"cron": None, "at": "2026-01-15T10:00:00Z"}, "at"),
        ({"cron": None, "at": "2026-01-16 10:00"}, "at"),
        ({"end_at": "2026-01-15T10:31:00Z"}, "end_at"),
        ({"end_at": "2027-01-15T10:31:00Z", "duration_seconds": 60}, "duration_seconds"),
        ({"overlap": "twice"}, "overlap"),
        ({"catch_up_seconds": 1}, "catch_up_seconds"),
        ({"priority": 11}, "priority"),
        ({"params": {"name": 1}}, "params.name"),
        ({"task": "nothing"}, "task"),
        ({"id": "a/b"}, "id"),
        ({"id": "é"}, "id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    client: Client, body: dict[str, Any], field: str
) -> None:
    assert_problem(client.post("/v1/schedules", NIGHTLY | body), 422, field=field)

    assert client.get("/v1/schedules").json() == {"schedules": []}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"every_seconds": 0}, "a whole number of seconds, from 1 to 316,224,000"),
        ({"every_seconds": 10, "cron": "* * * * *"}, "given alone: exactly one of cron,"),
        ({"catch_up_seconds": 1}, "a whole number of seconds, from 60 to 86,400"),
        ({}, "given alone: exactly one of cron, every_seconds and at says when"),
    ],
)
def test_what_is_wrong_with_a_time_is_said_by_the_names_of_the_request(
    client: Client, body: dict[str, Any], expected: str
) -> None:
    answer = client.post("/v1/schedules", {"task": "greet", "params": ADA} | body)

    assert assert_problem(answer, 422)["errors"][0]["expected"].startswith(expected)


@pytest.mark.parametrize("path", ["/v1/schedules/a%20b", "/v1/schedules/" + "x" * 65])
def test_what_is_no_id_is_that_of_no_schedule(client: Client, path: str) -> None:
    assert_problem(client.get(path), 404)
