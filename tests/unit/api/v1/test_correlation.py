"""From a request to the lines of the worker that does its task: one id, one trace."""

import json
from collections.abc import Iterator

import pytest

from tests.harness import Recorded, deploy
from tests.native import Client, deploy_native
from windrow import Context, Registry, task
from windrow.engine.submit import submit
from windrow.model.trace import Trace, cause
from windrow.telemetry.port import Lines

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GIVEN = f"00-{TRACE}-00f067aa0ba902b7-01"

type Seen = list[tuple[str, str | None]]


class Written(Recorded):
    """Telemetry whose lines are those of a deployment."""

    event = Lines.event
    warning = Lines.warning


@pytest.fixture
def seen() -> Seen:
    return []


@pytest.fixture
def traced(seen: Seen) -> Iterator[Client]:
    """A task and a map that note under which trace they run."""

    def note(context: Context, what: str) -> None:
        assert context.logger.extra is not None
        in_lines = context.logger.extra.get("trace_id")
        assert in_lines == cause().ids.get("trace_id")
        seen.append((what, None if in_lines is None else str(in_lines)))

    @task("noted")
    def noted(context: Context) -> None:
        note(context, "task")

    @task.map("mapped", chunk_size=1)
    def mapped(context: Context) -> list[int]:
        note(context, "plan")
        return [1, 2]

    @mapped.each
    def each(context: Context, item: int) -> None:
        note(context, "item")

    @mapped.finish()
    def finish(context: Context, outcome: object) -> None:
        note(context, "finish")

    with deploy_native([noted, mapped]) as made:
        yield made


def test_the_id_of_a_request_comes_back(client: Client) -> None:
    answer = client.post("/v1/tasks", {"task": "plain"}, x_request_id="order-7")
    unnamed = client.get("/nowhere")

    assert answer.headers["x-request-id"] == "order-7"
    assert unnamed.headers["x-request-id"] == "request-1", "as API Gateway names it"
    assert Trace.parsed(unnamed.headers["traceparent"])


def test_a_line_says_for_which_request_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @task("said")
    def said(context: Context) -> None: ...

    with deploy(Registry([said]), telemetry=Written()) as deployed:
        sent = Client(deployed)
        sent.post("/v1/tasks", {"task": "said"}, traceparent=GIVEN, x_request_id="order-7")
        deployed.pump()

    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    by_verb = {line["message"]: line for line in written}
    assert by_verb["task.submitted"]["request_id"] == "order-7"
    assert by_verb["request.answered"]["trace_id"] == TRACE
    assert by_verb["task.claimed"]["trace_id"] == TRACE, "by the message"
    assert by_verb["task.settled"]["trace_id"] == TRACE, "by the record"


def test_a_trace_goes_from_the_request_to_every_chunk(traced: Client, seen: Seen) -> None:
    answer = traced.post("/v1/tasks", {"task": "mapped"}, traceparent=GIVEN)
    traced.deployment.pump()

    assert answer.headers["traceparent"].startswith(f"00-{TRACE}-")
    assert [what for what, _ in seen] == ["plan", "item", "item", "finish"]
    assert {trace for _, trace in seen} == {TRACE}


def test_each_hint_says_its_trace_to_whoever_follows_it(traced: Client) -> None:
    traced.post("/v1/tasks", {"task": "noted"}, traceparent=GIVEN)

    (message,) = traced.deployment.hints.messages
    assert message.attributes["traceparent"]["DataType"] == "String"
    assert TRACE in message.attributes["traceparent"]["StringValue"]


def test_a_hint_that_starts_another_task_runs_it_under_its_own_trace(
    traced: Client, seen: Seen
) -> None:
    """A worker takes what goes first, whichever hint woke it."""
    traced.post("/v1/tasks", {"task": "noted", "priority": 1}, traceparent=GIVEN)
    other = GIVEN.replace("4bf9", "aaaa")
    traced.post("/v1/tasks", {"task": "noted", "priority": 10}, traceparent=other)

    traced.deployment.pump()

    assert [trace for _, trace in seen] == [TRACE.replace("4bf9", "aaaa"), TRACE]


def test_a_task_that_code_submits_has_no_trace_and_pays_for_none(
    traced: Client, seen: Seen
) -> None:
    submit(traced.deployment.engine, "noted")
    traced.deployment.pump()

    assert seen == [("task", None)]
    (put,) = [each for called, each in traced.deployment.port.calls if called == "PutItem"]
    assert "trace" not in put["Item"]
