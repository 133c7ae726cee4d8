"""Records as items of the table, and back; what an index needs is derived from the record."""

from collections.abc import Mapping
from typing import Any

from windrow.aws.dynamodb import decoded
from windrow.model.records import Chunk, Group, Task
from windrow.store.items.chunk import from_chunk, to_chunk
from windrow.store.items.group import from_group, to_group
from windrow.store.items.task import from_task, to_task
from windrow.store.items.values import Attributes, Plain, due_of
from windrow.store.keys import ref

__all__ = ["Attributes", "Plain", "due_of", "from_encoded", "from_item", "to_item"]


def to_item(record: Task | Chunk | Group) -> Attributes:
    """A record's attributes, absent ones as None."""
    match record:
        case Task():
            return from_task(record)
        case Chunk():
            return from_chunk(record)
        case Group():
            return from_group(record)


def from_item(item: Plain) -> Task | Chunk | Group:
    """The record that an item of the table holds."""
    found = ref(item)
    if found.chunk is not None:
        return to_chunk(found, item)
    if found.group is not None:
        return to_group(found, item)
    return to_task(found, item)


def from_encoded(item: Mapping[str, Any]) -> Task | Chunk | Group:
    """The record that an item holds as DynamoDB has it, with its types."""
    return from_item(decoded(item))
