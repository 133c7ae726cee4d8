"""A task as an item of the table, and back."""

from datetime import timedelta

from windrow.model.filters import ended_with, standing
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.states import Phase, State
from windrow.store.items.record import from_record, to_record
from windrow.store.items.values import (
    Attributes,
    Plain,
    from_progress,
    instant,
    optional_milliseconds,
    to_progress,
)
from windrow.store.keys import list_shard, sortable


def from_task(task: Task) -> Attributes:
    """A task's attributes, and its place among those that are listed."""
    return {
        **from_record(task),
        "list_shard": list_shard(task.ref.tenant, standing(task.name, task.state), task.ref),
        "list_at": f"{sortable(task.created)}#{task.ref.task}",
        # The index shows it. `error_kind` there would make an entry follow each retry.
        "list_error": ended_with(task),
        "name": task.name,
        "priority": task.priority,
        "params": task.params,
        "params_object": task.params_object,
        "said": task.said,
        "result": task.result,
        "result_object": task.result_object,
        "result_expires": optional_milliseconds(task.result_expires),
        "unique": task.unique,
        "trace": task.trace,
        "webhook": task.webhook,
        "start_by": optional_milliseconds(task.start_by),
        "remains": task.has_remains or None,
        "phase": task.phase,
        "items": task.items,
        "items_etag": task.items_etag,
        "chunk_size": task.chunk_size,
        "expanded": task.expanded or None,
        "groups": task.groups,
        "message": task.message,
        "chunks_began": optional_milliseconds(task.chunks_began),
        "schedule": task.schedule,
        "awaited": task.is_awaited or None,
        "work_done": task.is_work_done or None,
        "parent": task.parent,
        "number": task.number,
        "previous": task.previous,
        "needed_until": optional_milliseconds(task.needed_until),
        "children": task.children or None,
        "verdict": task.verdict,
        "lasting": _milliseconds(task.lasting),
        "lost_children": task.lost_children or None,
        **from_progress(task.progress),
    }


def to_task(found: Ref, item: Plain) -> Task:
    """The task that an item holds."""
    return Task(
        **to_record(found, item),
        name=item["name"],
        priority=item["priority"],
        params=item["params"],
        params_object=item.get("params_object"),
        said=item.get("said"),
        result=item.get("result"),
        result_object=item.get("result_object"),
        result_expires=instant(item.get("result_expires")),
        unique=item.get("unique"),
        trace=item.get("trace"),
        webhook=item.get("webhook"),
        start_by=instant(item.get("start_by")),
        has_remains=item.get("remains", False),
        phase=Phase(item["phase"]) if "phase" in item else None,
        items=item.get("items"),
        items_etag=item.get("items_etag"),
        chunk_size=item.get("chunk_size"),
        expanded=item.get("expanded", 0),
        groups=item.get("groups"),
        message=item.get("message"),
        chunks_began=instant(item.get("chunks_began")),
        schedule=item.get("schedule"),
        is_awaited=item.get("awaited", False),
        is_work_done=item.get("work_done", False),
        parent=item.get("parent"),
        number=item.get("number"),
        previous=item.get("previous"),
        needed_until=instant(item.get("needed_until")),
        children=item.get("children", 0),
        verdict=State(item["verdict"]) if "verdict" in item else None,
        lasting=timedelta(milliseconds=item["lasting"]) if "lasting" in item else None,
        lost_children=item.get("lost_children", 0),
        progress=to_progress(item),
    )


def _milliseconds(span: timedelta | None) -> int | None:
    return None if span is None else round(span / timedelta(milliseconds=1))
