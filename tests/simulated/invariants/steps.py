"""What a step of a task leaves behind: S4, by the attempt that owns the task, and once."""

from tests.simulated.dynamodb.table import Change, Table
from tests.simulated.invariants.step import plain, violation
from tests.simulated.world import World


def check_step(world: World, table: Table, change: Change) -> None:
    """S4  a marker, and with it the step's writes, is stored while its attempt runs, and only once.

    Chunks keep their markers elsewhere; they go through the same transaction.
    """
    record = table.rows.get((change.key[0], "A"))
    if change.after is None or record is None:
        return
    marker, task = plain(change.after.item), plain(record.item)
    if change.before is not None and plain(change.before.item)["created"] == marker["created"]:
        raise violation(world, "S4", f"{change.key} was done twice")
    if task["state"] != "running" or task["attempt"] != marker["attempt"]:
        how = f"attempt {marker['attempt']} did {change.key}"
        raise violation(world, "S4", f"{how} while the task was {task['state']} {task['attempt']}")
