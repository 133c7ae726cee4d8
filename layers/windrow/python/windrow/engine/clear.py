"""Clear: remove what an expired map left, before one of the same key is planned in its place."""

from dataclasses import replace
from datetime import datetime

from windrow.engine.engine import Engine
from windrow.engine.plan import stops_at
from windrow.engine.settle import continued
from windrow.model.records import Task
from windrow.store.remains import remove


def clear(engine: Engine, task: Task, until: datetime) -> Task | None:
    """Remove every group and chunk of the expired map; None when another attempt must go on.

    No row of the new map is written before this is done, so all that there are must go. It is done
    once: the task returned says that nothing remains.
    """
    stops = stops_at(engine.clock.now(), until)
    for number, group in enumerate(engine.records.groups(task.ref)):
        if number and engine.clock.now() >= stops:
            continued(engine, task, replace(task, crashes=0))
            return None
        remove(engine.records, group)
    return engine.records.write(task, replace(task, has_remains=False))
