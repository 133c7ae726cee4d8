"""A schedule as an item of the table, and back."""

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from windrow.model.ref import ScheduleRef
from windrow.model.schedule import Overlap
from windrow.model.scheduled import Scheduled, Standing
from windrow.model.timing import Timing
from windrow.store.items.values import (
    Attributes,
    Plain,
    due_instant,
    instant,
    optional_milliseconds,
    optional_seconds,
)
from windrow.store.keys import SCHEDULES_DUE, milliseconds, schedule_key, sortable

SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)


def from_schedule(seen: Scheduled) -> Attributes:
    """A schedule's attributes; it stands in the `due` index as long as it needs anybody."""
    due: Attributes = {"due_shard": None, "due_at": None}
    if seen.due is not None:
        at = f"{sortable(seen.due)}#{seen.ref.tenant}#{seen.ref.id}"
        due = {"due_shard": SCHEDULES_DUE, "due_at": at}
    return {
        **schedule_key(seen.ref),
        **due,
        "tenant": seen.ref.tenant,
        "task": seen.task,
        "params": seen.params,
        "priority": seen.priority,
        "timing": _from_timing(seen.timing),
        "overlap": seen.overlap,
        "catch_up": seen.catch_up // SECOND,
        "standing": seen.standing,
        "version": seen.version,
        "revision": seen.revision,
        "synced": seen.synced,
        "created": milliseconds(seen.created),
        "changed": milliseconds(seen.changed),
        "said": seen.said,
        "declared": seen.is_declared or None,
        "decided": milliseconds(seen.decided),
        "line": _from_line(seen.line),
        "running": optional_milliseconds(seen.running),
        "started": seen.started,
        "skipped": seen.skipped,
        "missed": seen.missed,
        "expires": optional_seconds(seen.expires),
    }


def to_schedule(item: Plain) -> Scheduled:
    """The schedule that an item holds."""
    return Scheduled(
        ref=ScheduleRef(item["tenant"], item["SK"].removeprefix("S#")),
        task=item["task"],
        params=item["params"],
        priority=item.get("priority"),
        timing=_to_timing(item["timing"]),
        overlap=Overlap(item["overlap"]),
        catch_up=item["catch_up"] * SECOND,
        standing=Standing(item["standing"]),
        version=item["version"],
        revision=item["revision"],
        synced=item["synced"],
        created=_instant(item["created"]),
        changed=_instant(item["changed"]),
        said=item["said"],
        is_declared=item.get("declared", False),
        decided=_instant(item["decided"]),
        line=tuple(_instant(each) for each in json.loads(item.get("line", "[]"))),
        running=instant(item.get("running")),
        started=item["started"],
        skipped=item["skipped"],
        missed=item["missed"],
        due=due_instant(item),
        expires=instant(item.get("expires"), 1),
    )


def from_timing(timing: Timing) -> dict[str, Any]:
    """A timing as JSON has it: instants and spans in milliseconds, what is not said left out."""
    said = {field.name: getattr(timing, field.name) for field in fields(Timing)}
    return {name: _plain(value) for name, value in said.items() if value is not None}


def _from_timing(timing: Timing) -> str:
    return json.dumps(from_timing(timing), separators=(",", ":"), sort_keys=True)


def _to_timing(text: str) -> Timing:
    said = json.loads(text)
    for name in ("at", "start", "end"):
        if name in said:
            said[name] = _instant(said[name])
    for name in ("every", "lasting"):
        if name in said:
            said[name] = said[name] * MILLISECOND
    return Timing(**said)


def _from_line(line: tuple[datetime, ...]) -> str | None:
    return json.dumps([milliseconds(each) for each in line]) if line else None


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return milliseconds(value)
        case timedelta():
            return value // MILLISECOND
        case _:
            return value


def _instant(number: int) -> datetime:
    return datetime.fromtimestamp(number / 1000, UTC)
