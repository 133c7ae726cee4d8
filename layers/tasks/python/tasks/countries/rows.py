"""The rows of the countries in the application table: one partition a tenant, one row a country."""

import unicodedata
from dataclasses import dataclass
from typing import Any

from tasks.countries.country import Country
from tasks.countries.items import from_item, to_item
from windrow.aws.dynamodb import decoded, encoded, expression, pages
from windrow.aws.errors import ConditionFailed
from windrow.aws.port import AWS

ROW = "ROW#"
# DynamoDB takes sort keys of up to 1,024 bytes (quotas, "Partition keys and sort keys").
LONGEST_SORT_KEY = 1024


def partition(tenant: str) -> str:
    """The partition that holds a tenant's countries."""
    return f"COUNTRIES#{tenant}"


@dataclass(frozen=True, slots=True)
class Rows:
    """A tenant's countries, found by name in any case. Reads are strongly consistent."""

    aws: AWS
    table: str
    tenant: str

    def all(self) -> list[Country]:
        """Every country, by name."""
        query = {
            "TableName": self.table,
            "ConsistentRead": True,
            **expression(
                key_condition="#PK = :partition AND begins_with(#SK, :row)",
                values={"partition": partition(self.tenant), "row": ROW},
            ),
        }
        return [from_item(item) for item in pages(self.aws, query)]

    def find(self, name: str) -> Country | None:
        """The country of that name."""
        if not _is_storable(name):
            return None
        answer = self.aws.call("dynamodb", "GetItem", {**self._row(name), "ConsistentRead": True})
        return from_item(decoded(answer["Item"])) if "Item" in answer else None

    def delete(self, name: str) -> Country | None:
        """Delete the country of that name; returns what was there."""
        if not _is_storable(name):
            return None
        answer = self.aws.call(
            "dynamodb", "DeleteItem", {**self._row(name), "ReturnValues": "ALL_OLD"}
        )
        return from_item(decoded(answer["Attributes"])) if "Attributes" in answer else None

    def upsert(self, country: Country) -> bool:
        """Store a country; a row that is there keeps its id, one of a later refresh all it has.

        Returns False for the latter. A second time writes the same again, so nothing changes.
        """
        item = to_item(country)
        values = {name: value for name, value in item.items() if value is not None}
        assigned = [f"#{name} = :{name}" for name in values if name != "id"]
        unknown = [f"#{name}" for name, value in item.items() if value is None]
        update = "SET #id = if_not_exists(#id, :id), " + ", ".join(assigned)
        if unknown:
            update += " REMOVE " + ", ".join(unknown)
        write = {
            **self._row(country.name),
            **expression(
                update=update,
                # Whoever died late may come back late: an older refresh loses against a newer one.
                condition="attribute_not_exists(#refreshed) OR #refreshed <= :refreshed",
                values=values,
            ),
        }
        try:
            self.aws.call("dynamodb", "UpdateItem", write)
        except ConditionFailed:
            return False
        return True

    def _row(self, name: str) -> dict[str, Any]:
        key = {"PK": partition(self.tenant), "SK": _sort_key(name)}
        return {"TableName": self.table, "Key": encoded(key)}


def _sort_key(name: str) -> str:
    """One key for all spellings of a name; NFC, because some keyboards type accents apart."""
    return ROW + unicodedata.normalize("NFC", name).casefold()


def _is_storable(name: str) -> bool:
    """Could there be a row of that name? DynamoDB calls a key that is too long a fault of ours."""
    return len(_sort_key(name).encode()) <= LONGEST_SORT_KEY
