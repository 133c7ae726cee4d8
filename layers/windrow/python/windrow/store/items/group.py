"""A group of chunks as an item of the table, and back."""

from datetime import UTC, datetime

from windrow.model.records import Group
from windrow.model.ref import Ref
from windrow.store.items.values import (
    Attributes,
    Plain,
    due_instant,
    due_place,
    failure,
    from_progress,
    instant,
    optional_seconds,
    to_progress,
)
from windrow.store.keys import key, milliseconds


def from_group(group: Group) -> Attributes:
    """A group's attributes."""
    return {
        **key(group.ref),
        **due_place(group.ref, group.due),
        "pool": group.pool,
        "chunks": group.chunks,
        "offset": group.offset or None,
        "deadline": milliseconds(group.deadline),
        "closed": group.is_closed or None,
        "sends": group.sends or None,
        "expires": optional_seconds(group.expires),
        "error_kind": group.error.kind if group.error else None,
        "error_message": group.error.message if group.error else None,
        "round": group.round or None,
        **from_progress(group.progress),
    }


def to_group(found: Ref, item: Plain) -> Group:
    """The group that an item holds."""
    return Group(
        ref=found,
        pool=item["pool"],
        chunks=item["chunks"],
        offset=item.get("offset", 0),
        deadline=datetime.fromtimestamp(item["deadline"] / 1000, UTC),
        is_closed=item.get("closed", False),
        sends=item.get("sends", 0),
        due=due_instant(item),
        expires=instant(item.get("expires"), 1),
        progress=to_progress(item),
        error=failure(item),
        round=item.get("round", 0),
    )
