"""Remains: rows of an expired map whose key is used anew, which TTL has not deleted yet."""

from contextlib import suppress

from windrow.aws.dynamodb import encoded, expression
from windrow.aws.errors import ConditionFailed
from windrow.model.records import Chunk, Group
from windrow.store.items import to_item
from windrow.store.keys import key
from windrow.store.records import Records


def remove(records: Records, group: Group) -> None:
    """Delete a group and its chunks, the chunks first; a second time it finds less to delete.

    Each only as it was read: whoever is overtaken in this deletes nothing of the new map.
    """
    for chunk in records.chunks(group.ref):
        _delete(records, chunk, "created")
    _delete(records, group, "deadline")


def _delete(records: Records, row: Chunk | Group, told_by: str) -> None:
    delete = {
        "TableName": records.table,
        "Key": encoded(key(row.ref)),
        **expression(condition=f"#{told_by} = :seen", values={"seen": to_item(row)[told_by]}),
    }
    with suppress(ConditionFailed):
        records.aws.call("dynamodb", "DeleteItem", delete)
