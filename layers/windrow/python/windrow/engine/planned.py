"""Planned: the record of a schedule, made from what somebody says of it; nothing is written."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from windrow.engine.engine import Engine
from windrow.errors import InvalidOption, InvalidParams, TooLarge
from windrow.model.payload import params_text
from windrow.model.ref import ScheduleRef
from windrow.model.schedule import TIMING, Overlap, Schedule
from windrow.model.scheduled import Scheduled
from windrow.model.timing import Timing

# Each write of a schedule is paid for by the kilobyte, and there are some with every run.
LARGEST_PARAMS = 32_768
MILLISECOND = timedelta(milliseconds=1)


def planned(
    engine: Engine, ref: ScheduleRef, task: str, schedule: Schedule, now: datetime
) -> Scheduled:
    """A schedule of a task that begins now.

    Raises UnknownTask, InvalidParams, InvalidOption, TooLarge, ConfigurationError.
    """
    definition = engine.registry.of_authors(task)
    engine.queue.url(definition.pool)
    definition.checked(dict(schedule.params))
    timing = schedule.timing.anchored(now)
    # A rate that starts at this very moment has that time still to come.
    decided = now if timing.every is None else now - MILLISECOND
    if not timing.next(decided, 1):
        if timing.at is not None:
            raise InvalidOption("at", "in the future", timing.at)
        raise InvalidOption("end", "later: nothing is planned before it", timing.end)
    return Scheduled(
        ref=ref,
        task=task,
        params=_stored(task, schedule.params),
        priority=schedule.priority,
        timing=timing,
        overlap=Overlap(schedule.overlap),
        catch_up=schedule.catch_up,
        created=now,
        changed=now,
        said=fingerprint(task, schedule),
        decided=decided,
    )


def fingerprint(task: str, schedule: Schedule) -> str:
    """What tells one declaration from another: a hash of all that it says."""
    said = {**asdict(schedule), "task": task}
    return sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()[:32]


def merged(seen: Scheduled, changes: Mapping[str, Any]) -> Schedule:
    """What a schedule says with these changes."""
    said = {name: getattr(seen.timing, name) for name in TIMING}
    if any(changes.get(name) is not None for name in ("cron", "every", "at")):
        said |= {"cron": None, "every": None, "at": None}
        # The start of a rate is where it counts from; another timing has nothing of it.
        said |= {"timezone": Timing.__dataclass_fields__["timezone"].default, "start": None}
        if changes.get("cron") is not None and seen.timing.cron is not None:
            said |= {"timezone": seen.timing.timezone, "start": seen.timing.start}
        if changes.get("at") is not None:
            said["end"] = None
    if changes.get("lasting") is not None:
        said["end"] = None
    said |= {
        "overlap": seen.overlap,
        "catch_up": seen.catch_up,
        "params": json.loads(seen.params),
        "priority": seen.priority,
        "id": seen.ref.id,
    }
    return Schedule(**{**said, **changes})


def _stored(task: str, params: Mapping[str, Any]) -> str:
    try:
        text = params_text(dict(params))
    except ValueError as error:
        raise InvalidParams(task, {"params": "JSON, and text in UTF-8"}) from error
    if len(text.encode()) > LARGEST_PARAMS:
        raise TooLarge("params of a schedule", len(text.encode()), LARGEST_PARAMS)
    return text
