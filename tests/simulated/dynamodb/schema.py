"""What a table looks like: its keys, its indexes, its TTL attribute, as template.yaml has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.simulated.dynamodb.values import Item, Value
from tests.simulated.refusals import Unsupported, invalid

type Key = tuple[str, str]

LONGEST_HASH = 2048
LONGEST_RANGE = 1024
MISMATCH = "The provided key element does not match the schema"


@dataclass(frozen=True, slots=True)
class Keys:
    """The attributes of a key: a hash and, in most tables, a range. All of type S."""

    hash: str
    range: str | None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.hash,) if self.range is None else (self.hash, self.range)

    def of(self, item: Mapping[str, Value]) -> Key:
        """The key of an item that has one."""
        return item[self.hash]["S"], "" if self.range is None else item[self.range]["S"]

    def within(self, item: Mapping[str, Value]) -> bool:
        """Does the item have all of the key's attributes?"""
        return self.hash in item and (self.range is None or self.range in item)


@dataclass(frozen=True, slots=True)
class IndexSchema:
    """A global secondary index; `attributes` are those it shows besides keys, None for all."""

    name: str
    keys: Keys
    attributes: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Schema:
    """One table."""

    name: str
    keys: Keys
    indexes: tuple[IndexSchema, ...] = ()
    ttl: str | None = None
    has_stream: bool = False

    @classmethod
    def of(cls, name: str, properties: Mapping[str, Any]) -> "Schema":
        """The schema in a table's properties, of CreateTable or of CloudFormation."""
        types = {
            each["AttributeName"]: each["AttributeType"]
            for each in properties["AttributeDefinitions"]
        }
        if set(types.values()) != {"S"} or "LocalSecondaryIndexes" in properties:
            raise Unsupported(f"The simulation wants keys of type S and no local indexes: {name}.")
        ttl = properties.get("TimeToLiveSpecification", {})
        stream = properties.get("StreamSpecification", {})
        if stream.get("StreamViewType", "NEW_AND_OLD_IMAGES") != "NEW_AND_OLD_IMAGES":
            raise Unsupported(f"The simulation has streams of new and old images only: {name}.")
        return cls(
            name,
            _keys(properties["KeySchema"]),
            tuple(map(_index, properties.get("GlobalSecondaryIndexes", ()))),
            ttl["AttributeName"] if ttl.get("Enabled") else None,
            bool(stream),
        )

    def key(self, given: Mapping[str, Value]) -> Key:
        """The key in a call's Key. Raises a refusal for one that does not fit."""
        if given.keys() != set(self.keys.names):
            raise invalid(MISMATCH)
        for name in self.keys.names:
            if "S" not in given[name]:
                raise invalid(MISMATCH)
            self._check_text(name, given[name]["S"])
        return self.keys.of(given)

    def key_of_item(self, item: Item) -> Key:
        """The key of an item to be put. Raises a refusal for an item without a proper one."""
        prefix = "One or more parameter values were invalid: "
        for name in self.keys.names:
            if name not in item:
                raise invalid(f"{prefix}Missing the key {name} in the item")
            if "S" not in item[name]:
                actual = next(iter(item[name]))
                raise invalid(f"{prefix}Type mismatch for key {name} expected: S actual: {actual}")
            self._check_text(name, item[name]["S"])
        return self.keys.of(item)

    def check_indexed(self, item: Item) -> None:
        """Refuse an item whose index keys are of the wrong type or empty."""
        for index in self.indexes:
            for name in index.keys.names:
                value = item.get(name)
                if value is None:
                    continue
                if "S" not in value:
                    raise invalid(
                        "One or more parameter values were invalid: Type mismatch for Index Key"
                        f" {name} Expected: S Actual: {next(iter(value))} IndexName: {index.name}"
                    )
                if not value["S"]:
                    raise invalid(
                        "One or more parameter values are not valid. A value specified for a"
                        " secondary index key is not supported. The AttributeValue for a key"
                        " attribute cannot contain an empty string value."
                        f" IndexName: {index.name}, IndexKey: {name}"
                    )

    def index(self, name: str) -> IndexSchema:
        """The index of that name. Raises a refusal."""
        for index in self.indexes:
            if index.name == name:
                return index
        raise invalid(f"The table does not have the specified index: {name}")

    def _check_text(self, name: str, text: str) -> None:
        if not text:
            raise invalid(
                "One or more parameter values are not valid. The AttributeValue for a key"
                f" attribute cannot contain an empty string value. Key: {name}"
            )
        longest = LONGEST_HASH if name == self.keys.hash else LONGEST_RANGE
        if len(text) * 4 > longest and len(text.encode()) > longest:
            raise invalid(
                "One or more parameter values were invalid: Size of key has exceeded the maximum"
                f" size limit of {longest} bytes"
            )


def _keys(key_schema: list[dict[str, str]]) -> Keys:
    by_type = {each["KeyType"]: each["AttributeName"] for each in key_schema}
    return Keys(by_type["HASH"], by_type.get("RANGE"))


def _index(properties: Mapping[str, Any]) -> IndexSchema:
    projection = properties["Projection"]
    shown = {
        "KEYS_ONLY": frozenset[str](),
        "INCLUDE": frozenset(projection.get("NonKeyAttributes", ())),
        "ALL": None,
    }[projection["ProjectionType"]]
    return IndexSchema(properties["IndexName"], _keys(properties["KeySchema"]), shown)
