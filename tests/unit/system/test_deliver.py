"""A receiver is told of each end, by a signed request, until it has taken it or nobody goes on."""

import json
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from tests.harness import Deployment
from tests.receiver import SILENT, Told
from tests.webhooks import NAME, TAKEN, URL, Outpost, outpost, verified
from windrow.engine import endpoints
from windrow.engine.control import drain
from windrow.engine.deliveries import try_out
from windrow.engine.endpoints import Wish
from windrow.engine.list_tasks import list_tasks
from windrow.engine.retry_again import retry_again
from windrow.engine.submit import submit
from windrow.errors import InvalidOption, TooManyEndpoints, UnknownTask
from windrow.model.endpoint import OVERLAP, PATIENCE, QUIET
from windrow.model.filters import Filters
from windrow.model.records import Task
from windrow.model.states import State
from windrow.model.system import WEBHOOK
from windrow.store.endpoints import MOST, Endpoints
from windrow.telemetry.metrics import Metric

LATER = timedelta(days=2)


def deliveries(deployment: Deployment) -> list[Task]:
    """The tasks that deliver, whatever became of them."""
    rows = deployment.services.dynamodb.tables["TasksTable"].rows.values()
    ids = [row.item["PK"]["S"] for row in rows if row.item.get("name") == {"S": WEBHOOK}]
    return [deployment.task(each.split("#")[2]) for each in ids]


def test_a_receiver_is_told_of_an_end_with_a_signature_that_holds() -> None:
    with outpost() as post:
        registered = post.register()
        task = post.done()
        post.settle()

    (request,) = post.receiver.asked
    event = verified(registered.secret, request)
    assert request.line == "POST /windrow HTTP/1.1"
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert request.headers["webhook-id"] == event["id"]
    assert event["specversion"] == "1.0"
    assert event["type"] == "windrow.task.succeeded.v1"
    assert event["source"] == "urn:windrow:windrow-test:default"
    assert event["subject"] == event["data"]["task"]["id"] == task.ref.task
    assert event["data"]["result"] == {"letter": "delivered"}
    assert event["time"] == event["data"]["task"]["ended_at"]


def test_another_secret_does_not_verify_it() -> None:
    with outpost() as post:
        post.register()
        other = post.register(url=f"{URL}/other", tasks=[])
        post.done()
        post.settle()

    (request,) = post.receiver.asked
    with pytest.raises(WebhookVerificationError):
        verified(other.secret, request)


@pytest.mark.parametrize(
    "answer",
    [
        Told.plain(500),
        Told.plain(502),
        Told.plain(503),
        Told.plain(504),
        Told.plain(429),
        Told.plain(408),
        Told(b"no HTTP"),
    ],
)
def test_a_receiver_in_trouble_is_asked_again_with_the_same_id(answer: Told) -> None:
    with outpost(answer, answer, TAKEN) as post:
        registered = post.register()
        post.done()
        post.settle(timedelta(hours=1))

    assert len(post.receiver.asked) == 3
    ids = {request.headers["webhook-id"] for request in post.receiver.asked}
    stamps = [int(request.headers["webhook-timestamp"]) for request in post.receiver.asked]
    assert len(ids) == 1
    assert stamps == sorted(set(stamps))
    assert [each.outcome for each in post.tries(registered)] == ["later", "later", "taken"]


def test_a_receiver_that_hangs_is_left_after_its_time_and_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("windrow.system.deliver.SECONDS", 0.3)

    with outpost(SILENT, TAKEN) as post:
        registered = post.register()
        post.done()
        post.settle(timedelta(hours=1))

    assert [(each.outcome, each.status) for each in post.tries(registered)] == [
        ("later", None),
        ("taken", 204),
    ]
    assert "timeout" in (post.tries(registered)[0].reason or "")


def test_a_receiver_that_asks_for_time_is_given_it() -> None:
    with outpost(Told.plain(503, retry_after="7200"), TAKEN) as post:
        post.register()
        post.done()
        post.settle(timedelta(minutes=110))
        early = len(post.receiver.asked)
        post.settle(timedelta(minutes=30))

    assert (early, len(post.receiver.asked)) == (1, 2)


def test_a_receiver_that_answers_410_is_told_nothing_more() -> None:
    with outpost(Told.plain(410)) as post:
        registered = post.register()
        post.done()
        post.settle()
        post.done()
        post.settle(LATER)
        found = endpoints.read(post.deployment.engine, "default", registered.endpoint.id)

    assert len(post.receiver.asked) == 1
    assert found.disabled is not None
    assert found.reason == "its receiver answered 410"
    assert post.deployment.telemetry.counts[Metric.ENDPOINTS_DISABLED] == 1
    assert "webhook.disabled" in post.deployment.telemetry.verbs()


@pytest.mark.parametrize(
    "location", ["https://169.254.169.254/", "https://127.0.0.1/", f"https://{NAME}/elsewhere"]
)
def test_a_redirect_is_refused_wherever_it_leads(location: str) -> None:
    with outpost(Told.plain(307, location=location)) as post:
        registered = post.register()
        post.done()
        post.settle(LATER)
        (delivery,) = deliveries(post.deployment)

    (tried,) = post.tries(registered)
    assert len(post.receiver.asked) == 1
    assert len(post.world.connected) == 1
    assert (tried.outcome, tried.status) == ("failed", 307)
    assert delivery.state is State.FAILED
    assert delivery.error is not None
    assert delivery.error.message.endswith("redirects are not followed.")


def test_a_receiver_whose_name_leads_inside_is_never_connected_to() -> None:
    with outpost() as post:
        registered = post.register()
        post.world.names[NAME] = [["169.254.169.254"]]
        post.done()
        post.settle(LATER)

    (tried,) = post.tries(registered)
    assert (post.world.connected, post.receiver.asked) == ([], [])
    assert tried.outcome == "failed"
    assert "not on the public internet" in (tried.reason or "")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_receiver_that_does_not_want_it_is_not_asked_again(status: int) -> None:
    with outpost(Told.plain(status)) as post:
        post.register()
        post.done()
        post.settle(LATER)
        (delivery,) = deliveries(post.deployment)

    assert len(post.receiver.asked) == 1
    assert delivery.state is State.FAILED
    assert Metric.TASKS_FAILED not in post.deployment.telemetry.counts
    assert post.deployment.telemetry.counts[Metric.TASKS_SUBMITTED] == 1


def test_a_receiver_that_is_down_for_a_day_gets_it_all_the_same() -> None:
    with outpost(Told.plain(500)) as post:
        post.register()
        post.done()
        post.settle(timedelta(hours=12))
        failing = len(post.receiver.asked)
        post.receiver.answers = [TAKEN]
        post.settle(timedelta(hours=8))
        (delivery,) = deliveries(post.deployment)

    assert 5 <= failing < 20
    assert delivery.state is State.SUCCEEDED


def test_an_endpoint_that_fails_for_days_is_disabled() -> None:
    with outpost(Told.plain(500)) as post:
        registered = post.register()
        for _ in range(PATIENCE.days + 2):
            post.done()
            post.settle(timedelta(days=1))
        found = endpoints.read(post.deployment.engine, "default", registered.endpoint.id)

    assert found.disabled is not None
    assert found.reason == f"it failed for {PATIENCE.days} days"


def test_two_failures_with_quiet_days_between_are_no_days_of_failing() -> None:
    with outpost(Told.plain(400)) as post:
        registered = post.register()
        for _ in range(3):
            post.done()
            post.settle()
            post.deployment.clock.advance(PATIENCE)
        found = endpoints.read(post.deployment.engine, "default", registered.endpoint.id)

    assert len(post.receiver.asked) == 3
    assert found.disabled is None


def test_an_endpoint_that_fails_a_little_less_than_daily_is_disabled() -> None:
    with outpost(Told.plain(400)) as post:
        registered = post.register()
        for _ in range(7):
            post.done()
            post.settle()
            post.deployment.clock.advance(QUIET - timedelta(hours=1))
        found = endpoints.read(post.deployment.engine, "default", registered.endpoint.id)

    assert found.disabled is not None


def test_an_endpoint_that_recovers_begins_its_days_anew() -> None:
    with outpost(Told.plain(500), TAKEN) as post:
        registered = post.register()
        post.done()
        post.settle(timedelta(hours=1))
        found = endpoints.read(post.deployment.engine, "default", registered.endpoint.id)

    assert found.failing_since is None
    assert found.disabled is None


def test_what_was_told_of_comes_again_and_is_delivered_once() -> None:
    with outpost() as post:
        post.register()
        post.done()
        post.deployment.streamed = [0] * len(post.deployment.streamed)
        for row in list(post.deployment.services.dynamodb.tables["TasksTable"].rows):
            if row[0] == "R#positions":
                del post.deployment.services.dynamodb.tables["TasksTable"].rows[row]
        post.deployment.count()
        post.settle()
        made = deliveries(post.deployment)

    assert len(made) == 1
    assert len(post.receiver.asked) == 1


def test_a_delivery_is_no_event_of_its_own() -> None:
    with outpost() as post:
        post.register()
        post.done()
        for _ in range(3):
            post.settle(timedelta(minutes=10))
            post.deployment.count()

    assert len(post.receiver.asked) == 1
    assert len(post.published) == 1


def test_callers_cannot_submit_a_delivery_and_their_lists_leave_it_out() -> None:
    with outpost() as post:
        post.register()
        task = post.done()
        post.settle()
        listed = list_tasks(post.deployment.engine).tasks
        asked_for = list_tasks(post.deployment.engine, Filters(name=WEBHOOK)).tasks
        with pytest.raises(UnknownTask) as unknown:
            submit(post.deployment.engine, WEBHOOK, {"endpoint": "x", "event": {}})

    assert [each.ref for each in listed] == [task.ref]
    assert len(asked_for) == 1
    assert WEBHOOK not in unknown.value.known


def test_an_endpoint_is_told_of_the_tasks_and_the_states_that_it_asked_for() -> None:
    with outpost() as post:
        post.register(url=f"{URL}/failures", states=[State.FAILED])
        post.register(url=f"{URL}/wordy", tasks=["wordy"])
        post.register(url=f"{URL}/none", tasks=[])
        for name in ("fine", "hopeless", "wordy"):
            post.done(name)
        post.settle()

    told = [
        (request.line.split()[1], json.loads(request.body)["data"]["task"]["task"])
        for request in post.receiver.asked
    ]
    assert sorted(told) == [("/windrow/failures", "hopeless"), ("/windrow/wordy", "wordy")]


def test_a_submission_names_an_endpoint_of_its_own() -> None:
    with outpost() as post:
        registered = post.register(tasks=[])
        post.done()
        post.done(webhook=registered.endpoint.id)
        post.settle()

    assert len(post.receiver.asked) == 1


def test_a_failure_is_told_with_its_reason_and_without_a_result() -> None:
    with outpost() as post:
        registered = post.register()
        post.done("hopeless")
        post.settle()

    event = verified(registered.secret, post.receiver.asked[0])
    assert event["type"] == "windrow.task.failed.v1"
    assert event["data"]["task"]["error"] == {"kind": "ValueError", "message": "It never works."}
    assert "result" not in event["data"]


def test_a_large_result_is_told_by_where_to_ask_for_it() -> None:
    with outpost() as post:
        registered = post.register()
        task = post.done("wordy")
        post.settle()

    (request,) = post.receiver.asked
    event = verified(registered.secret, request)
    assert event["data"]["result_path"] == f"/v1/tasks/{task.ref.task}/result"
    assert len(request.body) < 20_000


def test_a_task_that_is_begun_again_by_hand_is_told_of_twice() -> None:
    with outpost() as post:
        post.register()
        task = post.done("hopeless")
        retry_again(post.deployment.engine, task.ref)
        post.deployment.pump()
        post.deployment.count()
        post.settle()

    ids = {json.loads(request.body)["id"] for request in post.receiver.asked}
    assert len(ids) == 2


def test_for_a_day_after_a_rotation_both_secrets_verify() -> None:
    with outpost() as post:
        first = post.register()
        second = endpoints.rotate(post.deployment.engine, "default", first.endpoint.id)
        post.done()
        post.settle()
        (request,) = post.receiver.asked

        assert verified(first.secret, request) == verified(second.secret, request)
        assert first.secret != second.secret

        post.deployment.clock.advance(OVERLAP)
        post.done()
        post.settle()
        assert len(post.receiver.asked[1].headers["webhook-signature"].split()) == 1


def test_deliveries_to_an_endpoint_that_fails_give_way_until_one_is_taken() -> None:
    with outpost(Told.plain(500), Told.plain(500), TAKEN) as post:
        failing = post.register(tasks=["fine"])
        healthy = post.register(url=f"{URL}/healthy", tasks=["hopeless"])
        for _ in range(8):
            post.done("fine")
        post.settle()
        at_once = len(post.receiver.asked)
        post.done("hopeless")
        post.settle()
        post.settle(timedelta(hours=12))

    # The first failed, so the second was alone; none of the six that gave way was noted as a try.
    assert at_once == 2
    assert [each.outcome for each in post.tries(healthy)] == ["taken"]
    assert [each.outcome for each in post.tries(failing)] == ["later"] * 2 + ["taken"] * 8


def test_the_last_attempt_of_a_delivery_is_a_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Endpoints, "may_try", lambda *_: False)
    with outpost(Told.plain(500)) as post:
        post.register()
        post.done()
        post.settle(LATER)
        (delivery,) = deliveries(post.deployment)

    assert len(post.receiver.asked) == 1
    assert (delivery.state, delivery.attempt) == (State.FAILED, 20)


def test_a_deleted_endpoint_drops_what_is_on_its_way() -> None:
    with outpost() as post:
        registered = post.register()
        post.done()
        endpoints.remove(post.deployment.engine, "default", registered.endpoint.id)
        post.settle(LATER)
        (delivery,) = deliveries(post.deployment)

    assert post.receiver.asked == []
    assert json.loads(delivery.result or "") == {"outcome": "dropped"}


def test_who_submits_again_meets_his_task_though_its_endpoint_is_gone() -> None:
    with outpost() as post:
        engine = post.deployment.engine
        endpoint = post.register(tasks=[]).endpoint.id
        first = submit(engine, "fine", key="one", webhook=endpoint)
        endpoints.remove(engine, "default", endpoint)

        again = submit(engine, "fine", key="one", webhook=endpoint)

        assert (again.task.ref, again.is_replay) == (first.task.ref, True)
        with pytest.raises(InvalidOption):
            submit(engine, "fine", key="another", webhook=endpoint)


def test_an_endpoint_can_be_tried() -> None:
    with outpost() as post:
        registered = post.register(tasks=[])
        try_out(post.deployment.engine, "default", registered.endpoint.id)
        post.settle()

    event = verified(registered.secret, post.receiver.asked[0])
    assert event["type"] == "windrow.webhook.test.v1"
    assert event["data"] == {"endpoint": registered.endpoint.id}


def test_a_disabled_endpoint_is_told_things_again_when_its_owner_says_so() -> None:
    with outpost(Told.plain(410), TAKEN) as post:
        registered = post.register()
        post.done()
        post.settle()
        found = endpoints.change(
            post.deployment.engine, "default", registered.endpoint.id, Wish(is_disabled=False)
        )
        post.done()
        post.settle()

    assert found.disabled is None
    assert len(post.receiver.asked) == 2


def test_the_secret_and_the_key_are_in_no_item_and_no_line() -> None:
    with outpost(Told.plain(500), TAKEN) as post:
        registered = post.register()
        post.done()
        post.settle(timedelta(hours=1))
        everything = _everything(post)

    assert registered.secret not in everything
    assert registered.secret.removeprefix("whsec_") not in everything
    assert "k" * 64 not in everything


def test_a_function_that_fails_is_no_fault_of_the_receiver() -> None:
    with outpost() as post:
        registered = post.register()
        working = post.deployment.services.invoked.functions["egress"]
        calls: list[int] = []

        def broken_once(event: object) -> object:
            calls.append(1)
            if len(calls) == 1:
                raise MemoryError
            return working(event)

        post.deployment.services.invoked.functions["egress"] = broken_once
        post.done()
        post.settle(timedelta(hours=1))

    assert [each.outcome for each in post.tries(registered)] == ["taken"]


def test_a_drain_does_not_hold_up_what_is_told_of_accepted_work() -> None:
    with outpost() as post:
        post.register()
        submit(post.deployment.engine, "fine")
        drain(post.deployment.engine, "default")
        post.deployment.pump()
        post.deployment.count()
        post.settle()

    assert len(post.receiver.asked) == 1


def test_one_tenant_is_not_told_of_another_ones_tasks() -> None:
    with outpost() as post:
        post.register(tenant="another")
        post.done()
        post.settle()

    assert post.receiver.asked == []


def test_there_is_room_for_fifty_endpoints() -> None:
    with outpost() as post:
        made = [post.register(url=f"{URL}/{number}") for number in range(MOST)]
        with pytest.raises(TooManyEndpoints):
            post.register()
        endpoints.remove(post.deployment.engine, "default", made[0].endpoint.id)
        post.register()

        assert len(endpoints.listed(post.deployment.engine, "default")) == MOST


def _everything(post: Outpost) -> str:
    """All items of the table, all lines, all that was invoked, as one text."""
    rows = post.deployment.services.dynamodb.tables["TasksTable"].rows.values()
    return repr(([row.item for row in rows], post.deployment.telemetry.events, post.invoked))
