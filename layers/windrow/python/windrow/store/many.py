"""Many records by one call, as they stand."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from windrow.aws.dynamodb import encoded
from windrow.aws.errors import Unavailable
from windrow.aws.port import AWS
from windrow.model.ref import Ref
from windrow.store.keys import Key, key, ref

# How many keys a BatchGetItem takes.
AT_ONCE = 100
TRIES = 3


def items(aws: AWS, table: str, refs: Iterable[Ref]) -> dict[Ref, Mapping[str, Any]]:
    """The items of at most 100 records by one call, strongly consistent, as the table has them.

    One that is missing is gone. Raises Unavailable when some are unread after three calls.
    """
    found = read(aws, table, (key(each) for each in dict.fromkeys(refs)))
    return {ref({name: item[name]["S"] for name in ("PK", "SK")}): item for item in found}


def read(aws: AWS, table: str, keys: Iterable[Key]) -> Iterator[Mapping[str, Any]]:
    """The items of at most 100 different keys, in any order, as `items` reads them."""
    wanted = [encoded(each) for each in keys]
    for _ in range(TRIES):
        if not wanted:
            return
        asked = {table: {"Keys": wanted, "ConsistentRead": True}}
        answer = aws.call("dynamodb", "BatchGetItem", {"RequestItems": asked})
        yield from answer["Responses"].get(table, [])
        # An answer holds 16 MB, and less when the table is throttled: the rest is asked again.
        wanted = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
    if wanted:
        raise Unavailable("dynamodb", "BatchGetItem", "UnprocessedKeys", f"{len(wanted)} left")
