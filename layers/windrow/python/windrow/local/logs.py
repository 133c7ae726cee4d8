"""The functions' log lines, read from the emulator's CloudWatch Logs and made readable."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from windrow.local.clients import Clients

# What Lambda itself writes around each invocation.
_PLATFORM = re.compile(r"(INIT_START|START|END|REPORT) ")
# Fields that a line shows in a place of their own, or that say the same on every line.
_NOT_A_FIELD = {
    "cold_start",
    "exception",
    "exception_name",
    "function_arn",
    "function_memory_size",
    "function_name",
    "function_request_id",
    "level",
    "location",
    "message",
    "request",
    "service",
    "stack_trace",
    "taskName",
    "timestamp",
    "xray_trace_id",
}
_EMULATOR_TROUBLE = re.compile(r"(\S+ \S+) (WARNING|ERROR|CRITICAL) +(.*)")
# A line gets its time just before it can be read; this much later it is there for certain.
_OVERLAP_MS = 2000


def readable(function: str, moment: datetime, line: str) -> str | None:
    """One line for people: time, function, event and fields. None for what only machines read."""
    line = line.rstrip()
    if not line or _PLATFORM.match(line):
        return None
    start = _start(moment, function)
    try:
        record = json.loads(line)
    except ValueError:
        return start + line
    if not isinstance(record, dict) or "_aws" in record:
        return None if isinstance(record, dict) else start + line
    level = str(record.get("level", "INFO"))
    parts = [] if level in {"INFO", "DEBUG"} else [level]
    parts.append(_text(record.get("message", "")))
    parts += [f"{key}={_text(value)}" for key, value in record.items() if key not in _NOT_A_FIELD]
    shown = start + " ".join(parts)
    return f"{shown}\n{record['exception']}" if "exception" in record else shown


def trouble(line: str) -> str | None:
    """A warning or error of the emulator itself, for people; None for what else it says."""
    match = _EMULATOR_TROUBLE.match(line)
    if match is None:
        return None
    written, level, text = match.groups()
    moment = datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return _start(moment, "emulator") + f"{level} {text}"


def _start(moment: datetime, function: str) -> str:
    return f"{moment.astimezone():%H:%M:%S}  {function:<13} "


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


class LogReader:
    """Reads what was logged since the last time; `groups` maps a function to its log group."""

    def __init__(self, clients: Clients, groups: Mapping[str, str], emulator_log: Path) -> None:
        self._logs = clients["logs"]
        self._groups = groups
        self._emulator_log = emulator_log
        self._read_to = 0
        self._since = int(time.time() * 1000) - _OVERLAP_MS
        # The emulator gives each invocation a stream of its own and writes it at once, when the
        # invocation ends: a stream that was seen was seen whole.
        self._seen: dict[str, int] = {}

    def read(self) -> list[str]:
        """The new lines of all functions and the emulator's own warnings, oldest first."""
        lines: list[tuple[int, str]] = []
        newest = self._since
        for function, group in self._groups.items():
            for event in self._events(group):
                newest = max(newest, event["timestamp"])
                moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                if line := readable(function, moment, event["message"]):
                    lines.append((event["timestamp"], line))
        self._since = newest
        self._forget()
        lines.sort(key=lambda pair: pair[0])
        return [line for _, line in lines] + list(self._of_emulator())

    def _events(self, group: str) -> Iterator[dict[str, Any]]:
        try:
            answer = self._logs.filter_log_events(
                logGroupName=group, startTime=self._since - _OVERLAP_MS
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return  # a function without a group of its own gets one with its first line
            raise
        fresh = [e for e in answer["events"] if e["logStreamName"] not in self._seen]
        self._seen |= {event["logStreamName"]: event["timestamp"] for event in fresh}
        yield from fresh

    def _forget(self) -> None:
        horizon = self._since - 2 * _OVERLAP_MS
        self._seen = {name: moment for name, moment in self._seen.items() if moment > horizon}

    def _of_emulator(self) -> Iterator[str]:
        """The emulator's own warnings: that a function cannot be imported stands only there."""
        with self._emulator_log.open("rb") as file:
            file.seek(self._read_to)
            content = file.read()
        complete = content[: content.rfind(b"\n") + 1]
        self._read_to += len(complete)
        for line in complete.decode(errors="replace").splitlines():
            if shown := trouble(line):
                yield shown
