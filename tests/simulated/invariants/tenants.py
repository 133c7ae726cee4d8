"""Nobody reads or writes what is another tenant's: S15."""

from collections.abc import Iterator
from typing import Any

from tests.simulated.dynamodb.schema import Key
from tests.simulated.invariants.step import Plain, Step, violation
from tests.simulated.world import World
from windrow.aws.port import Parameters

# What begins the keys that carry a tenant: records, locks, aliases, lists.
OWNED = ("K#", "U#", "I#", "L#")


class Tenants:
    """S15  a caller touches its own tenant's items, a worker those of the record that it holds.

    A worker may choose whose record it takes next, so it is nobody's between an end and a claim.
    No transaction holds items of two tenants, and no hint travels as another tenant's.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._held: dict[str, Key] = {}

    def check(self, step: Step, after: Plain) -> None:
        """Learn who holds what."""
        if step.is_claim:
            self._held[step.actor] = step.key
        elif "lease" not in after and self._held.get(step.actor) == step.key:
            del self._held[step.actor]

    def witness(self, caller: str, service: str, operation: str, parameters: Parameters) -> None:
        """Look at a call that takes effect."""
        touched = set(_tenants(service, operation, parameters))
        own = self._world.tenants.get(caller) or self._holder(caller)
        if own is not None and touched:
            touched.add(own)
        elif service == "sqs" or operation == "BatchGetItem":
            return  # The batches of a sweeper are everybody's.
        if len(touched) > 1:
            raise violation(self._world, "S15", f"{caller}: {operation} of {sorted(touched)}")

    def _holder(self, caller: str) -> str | None:
        held = self._held.get(caller)
        return held[0].split("#", 2)[1] if held else None


def _tenants(service: str, operation: str, parameters: Parameters) -> Iterator[str]:
    match service:
        case "dynamodb":
            for key in _keys(operation, parameters):
                if key.startswith(OWNED):
                    yield key.split("#", 2)[1]
        case "sqs" if "Entries" in parameters:
            for entry in parameters["Entries"]:
                yield entry["MessageGroupId"]
                assert f'"tenant":"{entry["MessageGroupId"]}"' in entry["MessageBody"], entry
        case "s3" if str(parameters.get("Key", "")).startswith("tasks/"):
            yield parameters["Key"].split("/", 2)[1]


def _keys(operation: str, parameters: Parameters) -> Iterator[str]:
    """The partition keys that a call of DynamoDB names."""
    if operation == "TransactWriteItems":
        for part in parameters["TransactItems"]:
            yield from _keys("", next(iter(part.values())))
    elif operation == "BatchGetItem":
        for request in parameters["RequestItems"].values():
            yield from map(_partition, request["Keys"])
    elif operation == "Query":
        values = parameters["ExpressionAttributeValues"].values()
        yield from (value["S"] for value in values if "S" in value)
    else:
        yield _partition(parameters.get("Key") or parameters.get("Item") or {})


def _partition(item: Any) -> str:
    return item["PK"]["S"] if "PK" in item else ""
