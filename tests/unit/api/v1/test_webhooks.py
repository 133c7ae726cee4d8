"""/v1/webhooks and /v1/events: who is told of ends, and which there were."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness import Response, deploy
from tests.receiver import Told
from tests.webhooks import REGISTRY, URL, Outpost, outpost, verified
from windrow.api.v1.routers import routers
from windrow.engine.submit import submit


@pytest.fixture
def post() -> Iterator[Outpost]:
    with outpost(routers=routers) as made:
        yield made


def asked(
    post: Outpost, method: str, path: str = "", body: Any = None, tenant: str | None = None
) -> Response:
    return post.deployment.http(
        method,
        f"/v1/webhooks{path}",
        body=None if body is None else json.dumps(body),
        headers={"content-type": "application/json"},
        tenant=tenant,
    )


def registered(post: Outpost, **body: Any) -> dict[str, Any]:
    answer = asked(post, "POST", body={"url": URL, **body})
    assert answer.status == 201
    made: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/webhooks/{made['id']}"
    return made


def test_a_receiver_is_registered_and_its_secret_is_shown_this_once(post: Outpost) -> None:
    made = registered(post, tasks=["fine"], states=["failed", "succeeded"], description="mine")
    shown = asked(post, "GET", f"/{made['id']}").json()
    listed = asked(post, "GET").json()

    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert shown == made
    assert listed == {"endpoints": [made]}
    assert (made["tasks"], made["states"]) == (["fine"], ["failed", "succeeded"])


def test_what_is_told_verifies_with_the_secret_of_the_answer(post: Outpost) -> None:
    made = registered(post)
    task = post.done()
    post.settle()

    event = verified(made["secret"], post.receiver.asked[0])
    listed = post.deployment.http("GET", "/v1/events").json()
    assert event["subject"] == task.ref.task
    assert listed == {"events": [event]}


def test_a_receiver_is_changed_and_deleted(post: Outpost) -> None:
    made = registered(post, tasks=["fine"])
    at = f"/{made['id']}"

    disabled = asked(post, "PATCH", at, {"disabled": True, "description": "later"}).json()
    enabled = asked(post, "PATCH", at, {"disabled": False, "all_tasks": True}).json()
    gone = asked(post, "DELETE", at)

    assert disabled["disabled_reason"] == "by its owner"
    assert disabled["description"] == "later"
    assert "disabled_at" not in enabled
    assert "tasks" not in enabled
    assert gone.status == 204
    assert asked(post, "GET", at).status == 404
    assert asked(post, "DELETE", at).status == 404


def test_a_receiver_is_tried_and_its_deliveries_show_how_it_went(post: Outpost) -> None:
    made = registered(post)

    tried = asked(post, "POST", f"/{made['id']}/test")
    post.settle()
    (delivery,) = asked(post, "GET", f"/{made['id']}/deliveries").json()["deliveries"]

    assert tried.status == 202
    assert delivery["task"] == tried.json()["task"]
    assert (delivery["type"], delivery["outcome"]) == ("windrow.webhook.test.v1", "taken")
    assert (delivery["status"], delivery["attempt"]) == (204, 1)


def test_a_secret_is_rotated(post: Outpost) -> None:
    made = registered(post)

    rotated = asked(post, "POST", f"/{made['id']}/rotate-secret").json()
    post.done()
    post.settle()

    (request,) = post.receiver.asked
    assert rotated["secret"] != made["secret"]
    assert "old_secret_until" in rotated
    assert verified(made["secret"], request) == verified(rotated["secret"], request)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://hooks.example/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://hooks.example:8443/"}, "url"),
        ({"url": "https://user@hooks.example/"}, "url"),
        ({"url": "https://[::ffff:169.254.169.254]/"}, "url"),
        ({"url": URL, "tasks": ["unknown"]}, "tasks"),
        ({"url": URL, "tasks": ["webhook.deliver"]}, "tasks"),
        ({"url": URL, "states": []}, "states"),
        ({"url": URL, "states": ["running"]}, "states.0"),
        ({"url": URL, "secret": "whsec_mine"}, "secret"),
        ({}, "url"),
    ],
)
def test_what_cannot_be_registered_is_refused_by_the_field(
    post: Outpost, body: dict[str, Any], field: str
) -> None:
    answer = asked(post, "POST", body=body)

    assert answer.status == 422
    assert [wrong["field"] for wrong in answer.json()["errors"]] == [field]
    assert asked(post, "GET").json() == {"endpoints": []}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/test"),
        ("POST", "/rotate-secret"),
        ("GET", "/deliveries"),
    ],
)
def test_another_tenant_finds_nothing(post: Outpost, method: str, path: str) -> None:
    made = registered(post)

    body: Any = {} if method == "PATCH" else None
    answer = asked(post, method, f"/{made['id']}{path}", body, tenant="another")

    assert answer.status == 404
    assert asked(post, "GET", tenant="another").json() == {"endpoints": []}
    assert asked(post, "GET", f"/{made['id']}").status == 200


def test_a_deployment_without_a_key_says_so() -> None:
    with deploy(REGISTRY, routers=routers) as deployment:
        answers = [
            deployment.http("GET", "/v1/webhooks"),
            deployment.http(
                "POST",
                "/v1/webhooks",
                body=json.dumps({"url": URL}),
                headers={"content-type": "application/json"},
            ),
        ]

    assert {answer.status for answer in answers} == {409}
    assert answers[0].json()["type"].endswith("webhooks-off")


def test_the_fifty_first_is_refused(post: Outpost) -> None:
    for number in range(50):
        registered(post, url=f"{URL}/{number}")

    answer = asked(post, "POST", body={"url": URL})

    assert answer.status == 409
    assert answer.json()["type"].endswith("too-many-endpoints")


def test_a_submission_names_its_endpoint(post: Outpost) -> None:
    made = registered(post, tasks=[])

    def submitted(webhook: str) -> Response:
        return post.deployment.http(
            "POST",
            "/v1/tasks",
            body=json.dumps({"task": "fine", "webhook": webhook}),
            headers={"content-type": "application/json"},
        )

    accepted, refused = submitted(made["id"]), submitted("01UNKNOWN")
    post.deployment.pump()
    post.deployment.count()
    post.settle()

    assert accepted.status == 202
    assert refused.status == 422
    assert [wrong["field"] for wrong in refused.json()["errors"]] == ["webhook"]
    assert len(post.receiver.asked) == 1


def test_events_are_the_ends_that_there_were_and_pages_of_them(post: Outpost) -> None:
    for name in ("fine", "hopeless", "fine"):
        post.done(name)
    submit(post.deployment.engine, "fine")

    def listed(query: str = "") -> dict[str, Any]:
        found: dict[str, Any] = post.deployment.http("GET", f"/v1/events{query}").json()
        return found

    page = listed("?limit=2")
    link = post.deployment.http("GET", "/v1/events?limit=2").headers["link"]
    assert link == f'</v1/events?limit=2&cursor={page["cursor"]}>; rel="next"'
    rest = listed(f"?limit=2&cursor={page['cursor']}")
    ids = [event["id"] for event in page["events"] + rest["events"]]
    assert len(set(ids)) == 3
    assert set(ids) == {json.loads(entry["Detail"])["id"] for entry in post.published}
    assert len(listed("?state=failed")["events"]) == 1
    assert len(listed("?type=fine")["events"]) == 2


def test_an_endpoint_that_fails_shows_since_when() -> None:
    with outpost(Told.plain(500), routers=routers) as post:
        made = registered(post)
        post.done()
        post.settle()
        shown = asked(post, "GET", f"/{made['id']}").json()

    assert "failing_since" in shown
