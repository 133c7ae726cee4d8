"""EventBridge, simulated: buses that keep what they were given, and refuse some of it when told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulated.refusals import Refusal, Unsupported, only

type Parameters = Mapping[str, Any]
type Answer = dict[str, Any]

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
MOST = 10
LARGEST = 256 * 1024
ENTRY = frozenset({"EventBusName", "Source", "DetailType", "Detail"})


@dataclass
class EventBridge:
    """All buses of a simulated world, by name. `fails` says which entries are not taken."""

    buses: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    fails: Callable[[Mapping[str, Any]], bool] = field(default=lambda _entry: False)

    def call(self, operation: str, parameters: Parameters) -> Answer:
        """One call. Raises Refusal as AWS refuses, and Unsupported for what is not simulated."""
        if operation != "PutEvents":
            raise Unsupported(f"The simulated EventBridge has no {operation}.")
        only(parameters, operation, frozenset({"Entries"}))
        entries = parameters["Entries"]
        size = sum(_size(entry) for entry in entries)
        if not 1 <= len(entries) <= MOST or size > LARGEST:
            raise Refusal("ValidationException", f"{len(entries)} entries of {size} bytes")
        results = [self._put(entry) for entry in entries]
        return {
            "FailedEntryCount": sum("ErrorCode" in result for result in results),
            "Entries": results,
        }

    def _put(self, entry: Mapping[str, Any]) -> Answer:
        only(entry, "PutEvents", ENTRY)
        if entry["EventBusName"] not in self.buses:
            return {"ErrorCode": "ResourceNotFoundException", "ErrorMessage": "No such bus."}
        if self.fails(entry):
            return {"ErrorCode": "InternalFailure", "ErrorMessage": "planned"}
        self.buses[entry["EventBusName"]].append(entry)
        return {"EventId": f"event-{len(self.buses[entry['EventBusName']])}"}


def _size(entry: Mapping[str, Any]) -> int:
    return sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail"))
