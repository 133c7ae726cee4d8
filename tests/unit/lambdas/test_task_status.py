"""A poll of any task under /v1: what it answers, what it costs, and how it waits."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import Deployment, Response, deploy
from tests.native import assert_problem
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.cancel import cancel
from windrow.engine.submit import submit
from windrow.model.payload import INLINE_RESULT
from windrow.model.ref import Ref

SECOND = timedelta(seconds=1)


@task("plain")
def plain(context: Context) -> dict[str, str]:
    return {"said": "done"}


@task("silent")
def silent(context: Context) -> None:
    return None


@task("long-winded")
def long_winded(context: Context) -> str:
    return "x" * (INLINE_RESULT + 1)


@task("telling")
def telling(context: Context) -> None:
    context.clock.sleep(10 * SECOND)
    context.progress(1, 4, "a quarter")
    raise TimeoutError("an upstream did not answer")


@task("hopeless", retry=RetryPolicy(attempts=1))
def hopeless(context: Context) -> None:
    raise ValueError("no good")


@task.map("odd", chunk_size=2, retry=RetryPolicy(attempts=1))
def odd(context: Context) -> range:
    return range(4)


@odd.each
def check(context: Context, item: int) -> None:
    if item == 3:
        raise ValueError("three")


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy(Registry([plain, silent, long_winded, telling, hopeless, odd])) as deployed:
        yield deployed


def polled(deployment: Deployment, task_id: str, method: str = "GET", **headers: str) -> Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return deployment.http(method, f"/v1/tasks/{task_id}", headers=sent)


def submitted(deployment: Deployment, name: str = "plain", **options: Any) -> str:
    return submit(deployment.engine, name, **options).task.ref.task


def test_a_task_that_waits_is_shown_without_a_null(deployment: Deployment) -> None:
    task_id = submitted(deployment)

    reply = polled(deployment, task_id)

    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.json() == {
        "id": task_id,
        "task": "plain",
        "state": "queued",
        "priority": 5,
        "pool": "default",
        "attempts": 0,
        "created_at": "2026-01-15T10:30:00.000Z",
        "deadline_at": "2026-01-16T10:30:00.000Z",
    }


def test_a_task_that_succeeded_is_shown_with_its_result(deployment: Deployment) -> None:
    task_id = submitted(deployment)
    deployment.pump()

    reply = polled(deployment, task_id)

    assert reply.json()["state"] == "succeeded"
    assert reply.json()["result"] == {"said": "done"}
    assert reply.json()["ended_at"] == "2026-01-15T10:30:00.000Z"
    assert "retry-after" not in reply.headers


def test_a_result_of_null_is_there_and_one_of_a_task_that_failed_is_not(
    deployment: Deployment,
) -> None:
    succeeded, failed = submitted(deployment, "silent"), submitted(deployment, "hopeless")
    deployment.pump()

    assert polled(deployment, succeeded).json()["result"] is None
    assert "result" not in polled(deployment, failed).json()
    assert polled(deployment, failed).json()["error"] == {
        "kind": "ValueError",
        "message": "no good",
    }


def test_a_large_result_is_a_link(deployment: Deployment) -> None:
    task_id = submitted(deployment, "long-winded")
    deployment.pump()

    shown = polled(deployment, task_id).json()

    assert shown["result_url"] == f"/v1/tasks/{task_id}/result"
    assert "result" not in shown


def test_a_result_goes_when_its_time_is_over_and_that_is_another_version(
    deployment: Deployment,
) -> None:
    task_id = submitted(deployment)
    deployment.pump()
    before = polled(deployment, task_id)

    deployment.clock.advance(timedelta(days=1))
    after = polled(deployment, task_id, if_none_match=before.headers["etag"])

    assert after.status == 200
    assert "result" not in after.json()
    assert after.json()["result_expires_at"] == "2026-01-16T10:30:00.000Z"


def test_a_map_shows_its_progress_and_that_some_items_failed(deployment: Deployment) -> None:
    task_id = submitted(deployment, "odd")
    deployment.run_for(timedelta(minutes=10))

    shown = polled(deployment, task_id).json()

    assert (shown["state"], shown["has_errors"]) == ("succeeded", True)
    assert shown["progress"] == {"percent": 100, "total": 4, "succeeded": 3, "failed": 1}


def test_an_unchanged_poll_is_304_without_a_body_and_one_read_of_one_item(
    deployment: Deployment,
) -> None:
    task_id = submitted(deployment)
    tag = polled(deployment, task_id).headers["etag"]
    made = len(deployment.port.calls)

    reply = polled(deployment, task_id, if_none_match=tag)

    assert (reply.status, reply.body) == (304, b"")
    assert reply.headers["etag"] == tag
    assert "content-type" not in reply.headers
    ((operation, asked),) = deployment.port.calls[made:]
    assert operation == "GetItem"
    assert asked["Key"] == {"PK": {"S": f"K#default#{task_id}"}, "SK": {"S": "A"}}


def test_a_poll_that_shows_something_new_is_one_read_as_well(deployment: Deployment) -> None:
    task_id = submitted(deployment)
    tag = polled(deployment, task_id).headers["etag"]
    deployment.pump()
    made = len(deployment.port.calls)

    reply = polled(deployment, task_id, if_none_match=tag)

    assert reply.status == 200
    assert reply.headers["etag"] != tag
    assert [operation for operation, _ in deployment.port.calls[made:]] == ["GetItem"]


@pytest.mark.parametrize("said", ["{}", '"other", {}', '  {} , "x"', "*"])
def test_any_tag_of_the_header_may_be_the_one(deployment: Deployment, said: str) -> None:
    task_id = submitted(deployment)
    tag = polled(deployment, task_id).headers["etag"]
    strong = tag.removeprefix("W/")

    assert polled(deployment, task_id, if_none_match=said.replace("{}", tag)).status == 304
    assert polled(deployment, task_id, if_none_match=said.replace("{}", strong)).status == 304


@pytest.mark.parametrize("said", ['W/"other"', "nonsense", "", '"'])
def test_another_tag_is_not(deployment: Deployment, said: str) -> None:
    assert polled(deployment, submitted(deployment), if_none_match=said).status == 200


def test_the_estimate_moves_with_the_clock_and_makes_no_new_version(
    deployment: Deployment,
) -> None:
    task_id = submitted(deployment, "telling")
    deployment.pump()
    first = polled(deployment, task_id)

    deployment.clock.advance(5 * SECOND)
    second = polled(deployment, task_id)

    estimates = [each.json()["progress"]["estimated_completion_at"] for each in (first, second)]
    assert estimates[0] != estimates[1]
    assert first.headers["etag"] == second.headers["etag"]


def test_what_is_not_over_says_when_to_ask_again(deployment: Deployment) -> None:
    soon = submitted(deployment)
    later = submitted(deployment, delay=timedelta(minutes=5))

    assert polled(deployment, soon).headers["retry-after"] == "2"
    assert int(polled(deployment, later).headers["retry-after"]) >= 300


def test_head_is_get_without_its_body(deployment: Deployment) -> None:
    task_id = submitted(deployment)

    head, get = polled(deployment, task_id, "HEAD"), polled(deployment, task_id)

    assert (head.status, head.body) == (200, b"")
    # Each request is a span of its own.
    assert {**head.headers, "traceparent": get.headers["traceparent"]} == get.headers
    assert polled(deployment, "0" * 26, "HEAD").status == 404


def test_head_waits_for_nothing(deployment: Deployment) -> None:
    task_id = submitted(deployment)
    before = deployment.clock.now()

    head = polled(deployment, task_id, "HEAD", prefer="wait=20")

    assert deployment.clock.now() == before
    assert "preference-applied" not in head.headers


@pytest.mark.parametrize("task_id", ["0" * 26, "no%20id", "a" * 65, "%23", "%C3%A9"])
def test_an_unknown_id_is_a_problem(deployment: Deployment, task_id: str) -> None:
    assert_problem(polled(deployment, task_id), 404)


def test_another_tenants_task_is_unknown(deployment: Deployment) -> None:
    task_id = submitted(deployment, tenant="acme")

    assert_problem(deployment.http("GET", f"/v1/tasks/{task_id}", tenant="globex"), 404)
    assert deployment.http("GET", f"/v1/tasks/{task_id}", tenant="acme").status == 200


def test_an_expired_task_is_gone_even_while_ttl_lags(deployment: Deployment) -> None:
    task_id = submitted(deployment)
    deployment.pump()

    deployment.clock.advance(timedelta(days=31))

    assert_problem(polled(deployment, task_id), 404)


def test_a_parameter_that_means_nothing_is_refused(deployment: Deployment) -> None:
    task_id = submitted(deployment)

    reply = deployment.http("GET", f"/v1/tasks/{task_id}?wait=5")

    assert_problem(reply, 422, field="wait")


def test_what_aws_does_not_answer_is_503_with_a_time_to_come_again(
    deployment: Deployment,
) -> None:
    task_id = submitted(deployment)
    deployment.port.plan("refused", "GetItem")

    reply = polled(deployment, task_id)

    assert_problem(reply, 503)
    assert reply.headers["Retry-After"] == "2"
    assert "status.failed" in deployment.telemetry.verbs()


def test_a_record_that_cannot_be_read_is_500_without_a_trace(deployment: Deployment) -> None:
    records = deployment.engine.records
    task_id = submitted(deployment)
    item = records.put(deployment.task(task_id))["Item"] | {"state": {"S": "pondering"}}
    records.aws.call("dynamodb", "PutItem", {"TableName": records.table, "Item": item})

    problem = assert_problem(polled(deployment, task_id), 500)

    assert "pondering" not in str(problem)


class During:
    """Lets something happen at a read of those that wait."""

    def __init__(self, deployment: Deployment, at: int, act: Any) -> None:
        self.reads, self.at, self.act = 0, at, act
        self.inner = deployment.port.inner
        deployment.port.inner = self
        self.calls = deployment.port.calls

    def call(self, service: str, operation: str, parameters: Any) -> Any:
        if operation == "GetItem":
            self.reads += 1
            if self.reads == self.at:
                self.act()
        return self.inner.call(service, operation, parameters)

    def presigned(self, *arguments: Any) -> str:
        return self.inner.presigned(*arguments)


def test_who_would_wait_is_answered_as_soon_as_it_is_over(deployment: Deployment) -> None:
    task_id = submitted(deployment)
    began = deployment.clock.now()
    During(deployment, 4, deployment.pump)

    reply = polled(deployment, task_id, prefer="wait=10")

    assert reply.json()["state"] == "succeeded"
    assert reply.headers["preference-applied"] == "wait=10"
    assert timedelta() < deployment.clock.now() - began < 2 * SECOND


def test_who_has_a_version_waits_for_another(deployment: Deployment) -> None:
    task_id = submitted(deployment, delay=timedelta(hours=1))
    tag = polled(deployment, task_id).headers["etag"]
    During(deployment, 3, lambda: cancel(deployment.engine, Ref("default", task_id)))

    reply = polled(deployment, task_id, prefer="wait=10", if_none_match=tag)

    assert reply.status == 200
    assert reply.json()["state"] == "cancelled"


def test_a_wait_ends_with_how_it_stands_then(deployment: Deployment) -> None:
    task_id = submitted(deployment)
    tag = polled(deployment, task_id).headers["etag"]
    began, made = deployment.clock.now(), len(deployment.port.calls)

    plain_wait = polled(deployment, task_id, prefer="wait=20")
    took, reads = deployment.clock.now() - began, len(deployment.port.calls) - made
    with_tag = polled(deployment, task_id, prefer="wait=3", if_none_match=tag)

    assert plain_wait.json()["state"] == "queued"
    assert took == 20 * SECOND
    assert reads <= 15
    assert (with_tag.status, with_tag.headers["preference-applied"]) == (304, "wait=3")


@pytest.mark.parametrize(
    ("said", "applied"),
    [
        ("wait=0", 0),
        ("wait=20", 20),
        ("wait=21", 20),
        ("wait=99999999999999999999", 20),
        ('respond-async, Wait = "7"', 7),
        ("wait=3; foo=bar, wait=9", 3),
    ],
)
def test_how_long_is_up_to_20_seconds(deployment: Deployment, said: str, applied: int) -> None:
    task_id = submitted(deployment)
    began = deployment.clock.now()

    reply = polled(deployment, task_id, prefer=said)

    assert reply.headers["preference-applied"] == f"wait={applied}"
    assert deployment.clock.now() - began == applied * SECOND


@pytest.mark.parametrize(
    "said", ["wait", "wait=", "wait=-1", "wait=soon", "waiting=3", "wait=1.5", "wait=٣"]
)
def test_a_preference_that_cannot_be_read_is_as_if_it_were_not_there(
    deployment: Deployment, said: str
) -> None:
    task_id = submitted(deployment)
    began = deployment.clock.now()

    reply = polled(deployment, task_id, prefer=said)

    assert reply.status == 200
    assert "preference-applied" not in reply.headers
    assert deployment.clock.now() == began


def test_nobody_waits_for_a_task_that_is_over_or_is_not_there(deployment: Deployment) -> None:
    task_id = submitted(deployment)
    deployment.pump()
    began, made = deployment.clock.now(), len(deployment.port.calls)

    assert polled(deployment, task_id, prefer="wait=20").status == 200
    assert polled(deployment, "0" * 26, prefer="wait=20").status == 404
    assert deployment.clock.now() == began
    assert len(deployment.port.calls) - made == 2
