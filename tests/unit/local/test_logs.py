"""Log lines for people: time, function, event, fields."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from windrow.local.logs import readable, trouble

MOMENT = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
CLOCK = f"{MOMENT.astimezone():%H:%M:%S}"


def shown(line: str) -> str | None:
    return readable("worker", MOMENT, line)


def logged(**fields: Any) -> str:
    always = {"level": "INFO", "service": "windrow", "timestamp": "x", "location": "run:1"}
    return json.dumps(always | fields)


def test_a_record_becomes_time_function_event_and_fields() -> None:
    line = shown(logged(message="chunk.settled", task="t-1", chunk=3, outcome="retry"))

    assert line == f"{CLOCK}  worker        chunk.settled task=t-1 chunk=3 outcome=retry"


def test_a_level_above_info_is_shown() -> None:
    line = shown(logged(level="WARNING", message="send.failed"))

    assert line == f"{CLOCK}  worker        WARNING send.failed"


def test_an_exception_follows_on_lines_of_its_own() -> None:
    line = shown(logged(level="ERROR", message="run.failed", exception="Traceback\nValueError: x"))

    assert line == f"{CLOCK}  worker        ERROR run.failed\nTraceback\nValueError: x"


def test_a_plain_line_is_shown_as_it_is() -> None:
    assert shown("ValueError: x\n") == f"{CLOCK}  worker        ValueError: x"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "START RequestId: 1 Version: $LATEST",
        "END RequestId: 1",
        "REPORT RequestId: 1\tDuration: 3 ms",
        '{"_aws": {"CloudWatchMetrics": []}, "TasksSubmitted": 1}',
    ],
)
def test_what_only_machines_read_is_left_out(line: str) -> None:
    assert shown(line) is None


def test_json_that_is_no_record_is_shown_as_it_is() -> None:
    assert shown("[1, 2]") == f"{CLOCK}  worker        [1, 2]"


def test_the_emulators_own_trouble_is_shown_in_the_same_time() -> None:
    line = trouble("2024-01-15 10:30:00 ERROR [lambda] Worker init failed: No module named 'x'")

    assert line == f"{CLOCK}  emulator      ERROR [lambda] Worker init failed: No module named 'x'"


@pytest.mark.parametrize("line", ["2024-01-15 10:30:00 INFO [s3] ok", "Traceback (most recent"])
def test_what_else_the_emulator_says_is_left_out(line: str) -> None:
    assert trouble(line) is None
