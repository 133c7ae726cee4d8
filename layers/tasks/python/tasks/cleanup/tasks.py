"""The tasks that clean up, one tenant's each time."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from tasks.cleanup.archive import Place, archived, key
from tasks.cleanup.params import ArchiveParams, RemoveParams
from tasks.cleanup.walk import Done, Walk, let_go, read, walked
from windrow import Context, RetryPolicy, task

POOL = "cleanup"
PRIORITY = 1
RETRY = RetryPolicy(attempts=4, base=timedelta(seconds=60))
# A million tasks take hours: each is read and deleted by itself.
DEADLINE = timedelta(days=2)


@task(
    "cleanup.remove_old_tasks",
    pool=POOL,
    params=RemoveParams,
    priority=PRIORITY,
    retry=RETRY,
    deadline=DEADLINE,
)
def remove_old_tasks(context: Context, params: RemoveParams) -> dict[str, Any]:
    """Remove what ended more than `max_age_hours` ago, with results, chunks and objects."""
    before = context.created - timedelta(hours=params.max_age_hours)

    def remove(walk: Walk, ids: Sequence[str]) -> Done:
        gone = [let_go(context, walk, read(context, each), before) for each in ids]
        return Done(len(ids), sum(gone))

    return {"status": "success", "removed": walked(context, before, remove).gone}


@task(
    "cleanup.archive_old_records",
    pool=POOL,
    params=ArchiveParams,
    priority=PRIORITY,
    retry=RETRY,
    deadline=DEADLINE,
)
def archive_old_records(context: Context, params: ArchiveParams) -> dict[str, Any]:
    """Write what ended more than `days_old` ago to the archive, then remove what lies there."""
    before = context.created - timedelta(days=params.days_old)

    def name(part: int) -> str:
        return key(context.created, context.task_id, part)

    def archive(walk: Walk, ids: Sequence[str]) -> Done:
        end = archived(context, name(walk.parts), ids, Place.of(walk.place))
        gone = 0
        for each in end.whole:
            stands = read(context, each.id)
            if stands is None or each.is_of(stands):
                gone += let_go(context, walk, stands, before)
        return Done(len(end.whole), gone, None if end.next is None else asdict(end.next))

    walk = walked(context, before, archive)
    return {
        "status": "success",
        "archived": walk.found,
        "removed": walk.gone,
        "objects": [name(part) for part in range(walk.parts)],
    }


tasks = (remove_old_tasks, archive_old_records)
