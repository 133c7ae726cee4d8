"""A map's items: JSON Lines, one item a line, and how much of that a map takes."""

import json
from dataclasses import dataclass
from typing import Any

from windrow.errors import InvalidItems, TooLarge

# 20,000 chunks of 50, in 200 groups: what one look at all groups still reads at once.
MAX_ITEMS = 1_000_000
# A chunk's record lists its failed items by position: even all of a thousand are 5 KB of its 400.
LARGEST_CHUNK = 1_000
# A chunk's items are in a worker's memory together: rather name what is larger than repeat it.
LARGEST_ITEM = 1_000_000


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A plan whose items lie in the bucket already: the object `key`, one JSON value a line.

    The key begins with `items/<tenant>/`, with the tenant of the map: a worker may read far more,
    and a key may come from a caller. The object must stay as it is until the map is over: a map
    whose object is changed or removed fails.
    """

    key: str

    def is_of(self, tenant: str) -> bool:
        """Does it lie where this tenant's items do?"""
        return self.key.startswith(f"items/{tenant}/")


def encoded_item(item: Any) -> bytes:
    """An item as a line. Raises TooLarge, or what json raises for what is not JSON."""
    line = json.dumps(item, allow_nan=False, separators=(",", ":")).encode() + b"\n"
    if len(line) > LARGEST_ITEM:
        raise TooLarge("item", len(line), LARGEST_ITEM)
    return line


def decoded_items(key: str, first: int, lines: bytes) -> list[Any]:
    """The items of some lines of an object, the first of which is item number `first`, from 0.

    Raises InvalidItems, which names the line that is no JSON.
    """
    items: list[Any] = []
    for line in lines.removesuffix(b"\n").split(b"\n"):
        try:
            items.append(JSON.decode(line.decode()))
        # Brackets that are nested too deeply end in a RecursionError.
        except (ValueError, RecursionError) as error:
            number = first + len(items) + 1
            raise InvalidItems(key, f"line {number:,} is not JSON: {error}") from error
    return items


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON value")


# Python reads NaN and Infinity too; nobody else would read them again.
JSON = json.JSONDecoder(parse_constant=_refused)
