"""Records as items of the table, and back; what an index needs is derived from the record."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from windrow.aws.dynamodb import Scalar, decoded
from windrow.model.records import Chunk, Failure, Group, Lost, Progress, Record, Task
from windrow.model.ref import Ref
from windrow.model.states import Phase, State
from windrow.store.keys import (
    due_shard,
    key,
    list_shard,
    milliseconds,
    ref,
    sortable,
)

type Attributes = dict[str, Scalar | None]
type Plain = Mapping[str, Any]


def to_item(record: Task | Chunk | Group) -> Attributes:
    """A record's attributes, absent ones as None."""
    match record:
        case Task():
            return _from_task(record)
        case Chunk():
            return _from_chunk(record)
        case Group():
            return _from_group(record)


def from_item(item: Plain) -> Task | Chunk | Group:
    """The record that an item of the table holds."""
    found = ref(item)
    if found.chunk is not None:
        return _to_chunk(found, item)
    if found.group is not None:
        return _to_group(found, item)
    return _to_task(found, item)


def from_encoded(item: Mapping[str, Any]) -> Task | Chunk | Group:
    """The record that an item holds as DynamoDB has it, with its types."""
    return from_item(decoded(item))


def _from_task(task: Task) -> Attributes:
    return {
        **_from_record(task),
        "list_shard": list_shard(task.ref.tenant, _standing(task.state), task.ref),
        "list_at": f"{sortable(task.created)}#{task.ref.task}",
        "name": task.name,
        "priority": task.priority,
        "params": task.params,
        "params_object": task.params_object,
        "said": task.said,
        "result": task.result,
        "result_object": task.result_object,
        "result_expires": _milliseconds(task.result_expires),
        "unique": task.unique,
        "start_by": _milliseconds(task.start_by),
        "remains": task.has_remains or None,
        "phase": task.phase,
        "items": task.items,
        "items_etag": task.items_etag,
        "chunk_size": task.chunk_size,
        "expanded": task.expanded or None,
        "groups": task.groups,
        "message": task.message,
        "chunks_began": _milliseconds(task.chunks_began),
        "work_done": task.is_work_done or None,
        **_from_progress(task.progress),
    }


def _to_task(found: Ref, item: Plain) -> Task:
    return Task(
        **_to_record(found, item),
        name=item["name"],
        priority=item["priority"],
        params=item["params"],
        params_object=item.get("params_object"),
        said=item.get("said"),
        result=item.get("result"),
        result_object=item.get("result_object"),
        result_expires=_instant(item.get("result_expires")),
        unique=item.get("unique"),
        start_by=_instant(item.get("start_by")),
        has_remains=item.get("remains", False),
        phase=Phase(item["phase"]) if "phase" in item else None,
        items=item.get("items"),
        items_etag=item.get("items_etag"),
        chunk_size=item.get("chunk_size"),
        expanded=item.get("expanded", 0),
        groups=item.get("groups"),
        message=item.get("message"),
        chunks_began=_instant(item.get("chunks_began")),
        is_work_done=item.get("work_done", False),
        progress=_to_progress(item),
    )


def _from_chunk(chunk: Chunk) -> Attributes:
    return {
        **_from_record(chunk),
        "first": chunk.first,
        "count": chunk.count,
        "offset": chunk.offset,
        "length": chunk.length,
        "left": None if chunk.left is None else _packed(chunk.left),
        "lost": _from_lost(chunk.lost),
    }


def _to_chunk(found: Ref, item: Plain) -> Chunk:
    return Chunk(
        **_to_record(found, item),
        first=item["first"],
        count=item["count"],
        offset=item["offset"],
        length=item["length"],
        left=tuple(json.loads(item["left"])) if "left" in item else None,
        lost=_to_lost(item),
    )


def _from_group(group: Group) -> Attributes:
    return {
        **key(group.ref),
        **_due(group.ref, group.due),
        "pool": group.pool,
        "chunks": group.chunks,
        "offset": group.offset or None,
        "deadline": milliseconds(group.deadline),
        "closed": group.is_closed or None,
        "sends": group.sends or None,
        "expires": _seconds(group.expires),
        "error_kind": group.error.kind if group.error else None,
        "error_message": group.error.message if group.error else None,
        "round": group.round or None,
        **_from_progress(group.progress),
    }


def _to_group(found: Ref, item: Plain) -> Group:
    return Group(
        ref=found,
        pool=item["pool"],
        chunks=item["chunks"],
        offset=item.get("offset", 0),
        deadline=datetime.fromtimestamp(item["deadline"] / 1000, UTC),
        is_closed=item.get("closed", False),
        sends=item.get("sends", 0),
        due=_due_instant(item),
        expires=_instant(item.get("expires"), 1),
        progress=_to_progress(item),
        error=_failure(item),
        round=item.get("round", 0),
    )


def _from_record(record: Record) -> Attributes:
    return {
        **key(record.ref),
        **_due(record.ref, record.due),
        "pool": record.pool,
        "state": record.state,
        "attempt": record.attempt,
        "owner": record.owner,
        "failures": record.failures or None,
        "crashes": record.crashes or None,
        "sends": record.sends or None,
        "dead": record.dead or None,
        # Who has no lease runs nothing, and holds no slot.
        "slot": record.slot if record.lease else None,
        "waits_for": record.waits_for,
        "created": milliseconds(record.created),
        "queued": milliseconds(record.queued),
        "not_before": milliseconds(record.not_before),
        "deadline": milliseconds(record.deadline),
        "started": _milliseconds(record.started),
        "lease": _milliseconds(record.lease),
        "ended": _milliseconds(record.ended),
        "expires": _seconds(record.expires),
        "error_kind": record.error.kind if record.error else None,
        "error_message": record.error.message if record.error else None,
        "cancel_requested": _milliseconds(record.cancel_requested),
        "checkpoint": record.checkpoint,
        "continuations": record.continuations or None,
        "round": record.round or None,
    }


def _to_record(found: Ref, item: Plain) -> dict[str, Any]:
    return {
        "ref": found,
        "pool": item["pool"],
        "state": State(item["state"]),
        "attempt": item["attempt"],
        "owner": item.get("owner"),
        "failures": item.get("failures", 0),
        "crashes": item.get("crashes", 0),
        "sends": item.get("sends", 0),
        "dead": item.get("dead", 0),
        "slot": item.get("slot"),
        "waits_for": item.get("waits_for"),
        "created": _instant(item["created"]),
        "queued": _instant(item["queued"]),
        "not_before": _instant(item["not_before"]),
        "deadline": _instant(item["deadline"]),
        "started": _instant(item.get("started")),
        "lease": _instant(item.get("lease")),
        "due": _due_instant(item),
        "ended": _instant(item.get("ended")),
        "expires": _instant(item.get("expires"), 1),
        "error": _failure(item),
        "cancel_requested": _instant(item.get("cancel_requested")),
        "checkpoint": item.get("checkpoint"),
        "continuations": item.get("continuations", 0),
        "round": item.get("round", 0),
    }


def _due(found: Ref, due: datetime | None) -> Attributes:
    if due is None:
        return {"due_shard": None, "due_at": None}
    return {"due_shard": due_shard(found), "due_at": f"{sortable(due)}#{found}"}


def _due_instant(item: Plain) -> datetime | None:
    return due_of(item) if "due_at" in item else None


def due_of(item: Plain) -> datetime:
    """When a record is due; `item` may be what the `due` index shows of it."""
    return datetime.fromtimestamp(int(item["due_at"].partition("#")[0]) / 1000, UTC)


def _standing(state: State) -> str:
    """Tasks are listed as active until they end: a claim then moves nothing in the index."""
    return state if state.is_over else "active"


def _from_lost(lost: tuple[Lost, ...]) -> str | None:
    """JSON, as DynamoDB's own lists would cost three bytes more for each position."""
    if not lost:
        return None
    return _packed([[each.reason.kind, each.reason.message, each.positions] for each in lost])


def _to_lost(item: Plain) -> tuple[Lost, ...]:
    stored = json.loads(item.get("lost", "[]"))
    return tuple(Lost(tuple(at), Failure(kind, message)) for kind, message, at in stored)


def _packed(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _from_progress(progress: Progress) -> Attributes:
    return {
        "total": progress.total or None,
        "succeeded": progress.succeeded or None,
        "failed": progress.failed or None,
        "cancelled": progress.cancelled or None,
        "ended_items": progress.ended or None,
    }


def _to_progress(item: Plain) -> Progress:
    return Progress(
        total=item.get("total", 0),
        succeeded=item.get("succeeded", 0),
        failed=item.get("failed", 0),
        cancelled=item.get("cancelled", 0),
    )


def _failure(item: Plain) -> Failure | None:
    return Failure(item["error_kind"], item["error_message"]) if "error_kind" in item else None


def _milliseconds(instant: datetime | None) -> int | None:
    return None if instant is None else milliseconds(instant)


def _seconds(instant: datetime | None) -> int | None:
    """TTL counts in seconds."""
    return None if instant is None else round(instant.timestamp())


def _instant(number: int | None, per_second: int = 1000) -> datetime | None:
    return None if number is None else datetime.fromtimestamp(number / per_second, UTC)
