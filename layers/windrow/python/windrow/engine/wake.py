"""Wake: hint at what waits for a slot, now that one is free."""

from contextlib import suppress

from windrow.aws.errors import ServiceError
from windrow.engine.draw import draw
from windrow.engine.engine import Engine
from windrow.engine.send import send
from windrow.model.records import Group
from windrow.model.states import State

# Entries of records that were just woken are seen for about a second.
MOST = 40
# From so many one is drawn, so that two slots that are freed at once seldom wake the same one.
EQUALS = 10


def wake(engine: Engine, limit: str) -> None:
    """Hint at the most urgent record that waits for a slot of a limited task, if one does.

    Where this fails, or the index does not show a record yet that began to wait a moment ago, that
    one's own second look comes after two seconds, and the sweeper's within two minutes.
    """
    with suppress(ServiceError):
        waits = engine.ready.waiting_for_slot(limit)
        for waiting in draw(engine.random, waits, most=MOST, equals=EQUALS):
            record = engine.records.read(waiting.ref)
            if record is None or isinstance(record, Group) or record.state is not State.QUEUED:
                continue
            if record.waits_for == limit:
                send(engine, record.pool, [record.ref])
                return


def wake_after(engine: Engine, slot: str | None) -> None:
    """Wake what waits for the slot that an attempt held; most attempts hold none."""
    if slot is not None:
        wake(engine, slot.rpartition("#")[0])
