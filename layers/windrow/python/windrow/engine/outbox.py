"""The outbox: what is told to others of a task that has ended.

The consumer of the table's stream calls it before it remembers how far it has read, so that each
end is told at least once: when it raises, or when the consumer dies after it, the same ends come
again. Whatever it does must be harmless a second time: an event on the bus has the same id again,
and the task of a delivery is named by its event and its endpoint, so it is there once.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Outbox:
    """Whom the ends of one batch are told to. Endpoints are read once for each tenant: whoever
    delivers looks again whether one is still to be told.
    """

    engine: Engine
    known: dict[str, list[Endpoint]] = field(default_factory=dict)

    def weight(self, task: Task) -> int:
        """How many deliveries the end of a task makes."""
        return len(self._wanting(task))

    def tell(self, ended: Sequence[Ended]) -> None:
        """Tell others of these ends, in the order in which they were written.

        Raises to be repeated. The library's own tasks are not told of: a delivery would make
        another one for ever.
        """
        engine, outgoing = self.engine, self.engine.outgoing
        told = [each for each in ended if not is_system(each.task.name)]
        if outgoing.bus is None and outgoing.signing_key is None:
            return
        events = [(each.task, _event(engine, each)) for each in told]
        if outgoing.bus is not None:
            for part in batched(events, AT_ONCE):
                publish(engine, outgoing.bus, [event for _, event in part])
        addressed = [
            (endpoint, event) for task, event in events for endpoint in self._wanting(task)
        ]
        deliver(engine, addressed)

    def _wanting(self, task: Task) -> list[Endpoint]:
        """The endpoints that are told of a task that has ended like this."""
        if self.engine.outgoing.signing_key is None or is_system(task.name):
            return []
        tenant = task.ref.tenant
        if tenant not in self.known:
            self.known[tenant] = Endpoints(self.engine.aws, self.engine.records.table).of(tenant)
        return [endpoint for endpoint in self.known[tenant] if endpoint.wants(task)]


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
