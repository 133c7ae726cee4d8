"""A schedule as the native API shows it; instants and what is absent as with tasks."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from windrow.model.records import Task
from windrow.model.scheduled import Run, Scheduled
from windrow.model.shown import instant, present
from windrow.model.timing import SECOND

NEXT = 5


def shown_schedule(seen: Scheduled, now: datetime) -> dict[str, Any]:
    """The JSON object of a schedule, with its next five planned times: as lists have it."""
    timing = seen.timing
    return present(
        id=seen.ref.id,
        task=seen.task,
        params=json.loads(seen.params),
        state=str(seen.standing),
        cron=timing.cron,
        timezone=timing.timezone if timing.cron is not None else None,
        every_seconds=None if timing.every is None else timing.every // SECOND,
        at=_instant(timing.at),
        start_at=_instant(timing.start),
        end_at=_instant(timing.end),
        overlap=str(seen.overlap),
        catch_up_seconds=seen.catch_up // SECOND,
        priority=seen.priority,
        created_at=instant(seen.created),
        changed_at=instant(seen.changed),
        is_declared=seen.is_declared or None,
        is_unsynced=None if seen.is_synced else True,
        started=seen.started,
        skipped=seen.skipped,
        missed=seen.missed,
        waiting=len(seen.line) or None,
        next_runs=[instant(each) for each in seen.next(now, NEXT)],
    )


def shown_run(run: Run, task: Task | None) -> dict[str, Any]:
    """What became of a planned time, and how its task stands if it is still there."""
    return present(
        planned_at=instant(run.planned),
        outcome=run.outcome,
        task_id=run.task,
        state=None if task is None else str(task.state),
        reason=run.reason,
    )


def shown_runs(runs: Sequence[Run], tasks: Mapping[str, Task]) -> list[dict[str, Any]]:
    """Runs with the tasks that they have started."""
    return [shown_run(each, tasks.get(each.task or "")) for each in runs]


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else instant(moment)
