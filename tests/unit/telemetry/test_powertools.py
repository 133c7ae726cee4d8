"""What operators see of an event, through Powertools."""

import ast
import json
import logging
from pathlib import Path

import pytest

import windrow
from tests.harness import FakeContext
from windrow.errors import Retry, WindrowError
from windrow.lambdas.invocation import Event, LambdaContext
from windrow.lambdas.observed import observed
from windrow.model.ref import Ref
from windrow.telemetry.metrics import Metric
from windrow.telemetry.named import Named
from windrow.telemetry.port import Lines
from windrow.telemetry.powertools import Powertools

PACKAGE = Path(windrow.__file__).parent
# logging refuses these in `extra`, at run time only: a line that is never written in a test would
# take its invocation down.
RESERVED = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


def powertools(service: str, monkeypatch: pytest.MonkeyPatch) -> Powertools:
    """Made in the test itself: a logger keeps, by its service's name, the output it first saw."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", service)
    return Powertools()


def calls_of_telemetry() -> list[tuple[str, ast.Call]]:
    """Every call of .event() and .warning() in the library."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("event", "warning")
                and "telemetry" in ast.unparse(node.func.value)
            ):
                found.append((f"{path.relative_to(PACKAGE)}:{node.lineno}", node))
    return found


def test_an_event_is_one_json_line_with_its_ids(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry = powertools("events", monkeypatch)

    telemetry.event("chunk.settled", task="01J/0/3", state="succeeded")

    line = json.loads(capsys.readouterr().out)
    assert line["message"] == "chunk.settled"
    assert line["task"] == "01J/0/3"
    assert line["service"] == "events"


def test_a_warning_carries_the_traceback_of_its_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry = powertools("warnings", monkeypatch)

    try:
        raise OSError("no route to host")
    except OSError as error:
        telemetry.warning("attempt.failed", error=error, task="01J")

    line = json.loads(capsys.readouterr().out)
    assert line["level"] == "WARNING"
    assert "no route to host" in line["exception"]


class Refused(WindrowError):
    """An error that knows itself."""


def test_a_warning_of_an_error_that_knows_itself_is_its_kind_and_its_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry = powertools("known", monkeypatch)

    try:
        raise Refused("The receiver answered 500.")
    except Refused as error:
        for each in (telemetry, Lines()):
            each.warning("attempt.failed", error=error)

    for line in capsys.readouterr().out.splitlines():
        said = json.loads(line)
        assert (said["error_kind"], said["error"]) == ("Refused", "The receiver answered 500.")
        assert "exception" not in said


def test_what_another_error_has_caused_keeps_its_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry = powertools("caused", monkeypatch)

    try:
        raise Retry from OSError("no route to host")
    except Retry as error:
        telemetry.warning("attempt.failed", error=error)

    assert "no route to host" in json.loads(capsys.readouterr().out)["exception"]


def test_a_line_of_a_task_carries_its_ids_and_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry = powertools("tasks", monkeypatch)
    logger = Named(telemetry.logger, {"task": "01J", "attempt": 2})

    logger.info("charged %s", "Ada", extra={"cents": 500})

    line = json.loads(capsys.readouterr().out)
    assert line["message"] == "charged Ada"
    assert (line["task"], line["attempt"], line["cents"]) == ("01J", 2, 500)


def test_every_line_of_an_invocation_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry = powertools("invocations", monkeypatch)
    handler = observed(telemetry, lambda event, context: telemetry.event("task.claimed"))

    for request in ("request-1", "request-2"):
        handler({}, FakeContext(aws_request_id=request))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["request"] for line in lines] == ["request-1", "request-2"]


def test_metrics_leave_even_when_the_handler_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry = powertools("failures", monkeypatch)

    def failing(event: Event, context: LambdaContext) -> None:
        telemetry.count(Metric.HINTS_SENT)
        raise OSError("no route to host")

    with pytest.raises(OSError, match="no route"):
        observed(telemetry, failing)({}, FakeContext())

    assert json.loads(capsys.readouterr().out)["HintsSent"] == [1]


def test_metrics_leave_as_one_line_when_the_invocation_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry = powertools("metrics", monkeypatch)

    telemetry.count(Metric.HINTS_SENT, 5)
    telemetry.count(Metric.OLDEST_OVERDUE_SECONDS, 12.5)

    telemetry.flush()
    telemetry.flush()

    (line,) = capsys.readouterr().out.splitlines()
    figures = json.loads(line)
    assert figures["HintsSent"] == [5]
    assert figures["OldestOverdueSeconds"] == [12.5]
    (directive,) = figures["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Windrow"
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert units == {"HintsSent": "Count", "OldestOverdueSeconds": "Seconds"}


@pytest.mark.parametrize(("place", "call"), calls_of_telemetry())
def test_no_line_uses_a_name_that_logging_keeps_for_itself(place: str, call: ast.Call) -> None:
    names = {keyword.arg for keyword in call.keywords}

    assert not names & RESERVED, place


@pytest.mark.parametrize(("place", "call"), calls_of_telemetry())
def test_a_line_that_names_a_task_names_its_tenant(place: str, call: ast.Call) -> None:
    names = {keyword.arg for keyword in call.keywords}

    assert "task" not in names or "tenant" in names, place


def test_the_ids_of_a_record_name_its_tenant() -> None:
    chunk = Ref("acme", "01J").chunk_at(3)

    assert chunk.ids == {"tenant": "acme", "task": "01J/0/3"}
