"""What a task and a chunk share, as attributes of an item, and back."""

from typing import Any

from windrow.model.records import Record
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.items.values import (
    Attributes,
    Plain,
    due_instant,
    due_place,
    failure,
    instant,
    optional_milliseconds,
    optional_seconds,
)
from windrow.store.keys import key, milliseconds


def from_record(record: Record) -> Attributes:
    """The attributes that a task and a chunk share, their key included."""
    return {
        **key(record.ref),
        **due_place(record.ref, record.due),
        "pool": record.pool,
        "state": record.state,
        "attempt": record.attempt,
        "owner": record.owner,
        "failures": record.failures or None,
        "max_retries": record.max_retries,
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
        "started": optional_milliseconds(record.started),
        "lease": optional_milliseconds(record.lease),
        "ended": optional_milliseconds(record.ended),
        "expires": optional_seconds(record.expires),
        "error_kind": record.error.kind if record.error else None,
        "error_message": record.error.message if record.error else None,
        "cancel_requested": optional_milliseconds(record.cancel_requested),
        "checkpoint": record.checkpoint,
        "continuations": record.continuations or None,
        "round": record.round or None,
    }


def to_record(found: Ref, item: Plain) -> dict[str, Any]:
    """What a task and a chunk are both made of, by field."""
    return {
        "ref": found,
        "pool": item["pool"],
        "state": State(item["state"]),
        "attempt": item["attempt"],
        "owner": item.get("owner"),
        "failures": item.get("failures", 0),
        "max_retries": item.get("max_retries"),
        "crashes": item.get("crashes", 0),
        "sends": item.get("sends", 0),
        "dead": item.get("dead", 0),
        "slot": item.get("slot"),
        "waits_for": item.get("waits_for"),
        "created": instant(item["created"]),
        "queued": instant(item["queued"]),
        "not_before": instant(item["not_before"]),
        "deadline": instant(item["deadline"]),
        "started": instant(item.get("started")),
        "lease": instant(item.get("lease")),
        "due": due_instant(item),
        "ended": instant(item.get("ended")),
        "expires": instant(item.get("expires"), 1),
        "error": failure(item),
        "cancel_requested": instant(item.get("cancel_requested")),
        "checkpoint": item.get("checkpoint"),
        "continuations": item.get("continuations", 0),
        "round": item.get("round", 0),
    }
