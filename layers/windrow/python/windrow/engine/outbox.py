"""The outbox: what is told to others of a task that has ended.

The consumer of the table's stream calls it before it remembers how far it has read, so that each
end is told at least once: when it raises, or when the consumer dies after it, the same ends come
again. Whatever it does must be harmless a second time: an event on the bus has the same id again,
and the task of a delivery is named by its event and its endpoint, so it is there once.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import batched
from typing import NamedTuple

from windrow.aws.errors import Unavailable
from windrow.engine.deliveries import deliver
from windrow.engine.engine import Engine
from windrow.model.endpoint import Endpoint
from windrow.model.event import Event, completion, source_of
from windrow.model.records import Task
from windrow.model.system import is_system
from windrow.store.endpoints import Endpoints

# PutEvents takes ten entries, and 256 KB in all; an event of ours has 20 KB at most.
AT_ONCE = 10
TRIES = 3


class Ended(NamedTuple):
    """A task as it ended, and the name of this end: the same text each time that it is told."""

    task: Task
    event: str


def outbox(engine: Engine, ended: Sequence[Ended]) -> None:
    """Tell others of these ends, in the order in which they were written. Raises to be repeated.

    The library's own tasks are not told of: a delivery would make another one for ever.
    """
    told = [each for each in ended if not is_system(each.task.name)]
    if engine.outgoing.bus is None and engine.outgoing.signing_key is None:
        return
    events = [(each.task, _event(engine, each)) for each in told]
    if engine.outgoing.bus is not None:
        for part in batched(events, AT_ONCE):
            publish(engine, engine.outgoing.bus, [event for _, event in part])
    if engine.outgoing.signing_key is not None:
        deliver(engine, list(_addressed(engine, events)))


def publish(engine: Engine, bus: str, events: Sequence[Event]) -> None:
    """Put up to ten events on a bus. Those that it takes not are put again, three times in all.

    Raises Unavailable when it still does not take some, and ServiceError.
    """
    left = list(events)
    for _ in range(TRIES):
        entries = [
            {
                "EventBusName": bus,
                "Source": "windrow",
                "DetailType": event["type"],
                "Detail": json.dumps(event, ensure_ascii=False, separators=(",", ":")),
            }
            for event in left
        ]
        answer = engine.aws.call("events", "PutEvents", {"Entries": entries})
        if not answer["FailedEntryCount"]:
            engine.telemetry.event("events.published", count=len(events))
            return
        results = zip(left, answer["Entries"], strict=True)
        failed = [(event, entry["ErrorCode"]) for event, entry in results if "ErrorCode" in entry]
        left = [event for event, _ in failed]
    codes = sorted({code for _, code in failed})
    raise Unavailable("events", "PutEvents", "FailedEntries", f"{len(left)} entries: {codes}")


def _event(engine: Engine, ended: Ended) -> Event:
    source = source_of(engine.outgoing.deployment, ended.task.ref.tenant)
    return completion(ended.task, ended.event, source=source)


def _addressed(
    engine: Engine, events: Sequence[tuple[Task, Event]]
) -> Iterator[tuple[Endpoint, Event]]:
    """Each event with each endpoint that wants it; a read for each tenant."""
    endpoints = Endpoints(engine.aws, engine.records.table)
    tenants = dict.fromkeys(task.ref.tenant for task, _ in events)
    known = {tenant: endpoints.of(tenant) for tenant in tenants}
    for task, event in events:
        for endpoint in known[task.ref.tenant]:
            if endpoint.wants(task):
                yield endpoint, event
