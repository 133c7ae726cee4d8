"""Positions: how far each shard of the table's stream was counted, and who may count on.

A position moves in the transaction that adds what was counted, and only from where it was read. So
a record that comes again, and a consumer that was overtaken, add nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from windrow.aws.dynamodb import decoded, encoded, expression, pages
from windrow.aws.port import AWS
from windrow.store.keys import milliseconds

# The stream keeps records for a day: after that none of a shard can come again.
KEPT = timedelta(days=2)
PARTITION = "R#positions"


@dataclass(frozen=True, slots=True)
class Position:
    """Where the counting of a shard stands.

    shard    the stream's label and the shard's id
    number   the last record that was counted; None before the first
    at       when the table made that change
    counted  when it was counted
    held     who has asked that nobody counts on until `until`
    """

    shard: str
    number: int | None = None
    at: datetime | None = None
    counted: datetime | None = None
    held: str | None = None
    until: datetime | None = None

    def is_held(self, now: datetime) -> bool:
        """Must its counting wait?"""
        return self.until is not None and now < self.until


@dataclass(frozen=True, slots=True)
class Positions:
    """The positions of the table; reads are strongly consistent."""

    aws: AWS
    table: str

    def read(self, shard: str) -> Position:
        """The position of a shard; of one that nobody has counted yet, the beginning."""
        get = {**self._at(shard), "ConsistentRead": True}
        answer = self.aws.call("dynamodb", "GetItem", get)
        return _position(decoded(answer["Item"])) if "Item" in answer else Position(shard)

    def all(self) -> Iterator[Position]:
        """Every shard of which something was counted within two days."""
        query = {
            "TableName": self.table,
            "ConsistentRead": True,
            **expression(key_condition="#PK = :partition", values={"partition": PARTITION}),
        }
        found = map(_position, pages(self.aws, query))
        return (each for each in found if each.number is not None)

    def advance(self, read: Position, number: int, at: datetime, now: datetime) -> dict[str, Any]:
        """The part of a transaction that moves a position on, from where it was read.

        It fails when somebody else has moved it, or has it held, since then.
        """
        stood = "attribute_not_exists(#number)" if read.number is None else "#number = :stood"
        held = "attribute_not_exists(#held)" if read.held is None else "#held = :held"
        return {
            **self._at(read.shard),
            **expression(
                update="SET #number = :number, #at = :at, #counted = :counted, #expires = :expires"
                " REMOVE #held, #until",
                condition=f"{stood} AND {held}",
                values={
                    "number": number,
                    "at": milliseconds(at),
                    "counted": milliseconds(now),
                    "expires": round((now + KEPT).timestamp()),
                    "stood": read.number,
                    "held": read.held,
                },
            ),
        }

    def hold(self, shard: str, holder: str, until: datetime, now: datetime) -> Position:
        """Let nobody count on a shard; returns where it stands from now on.

        Raises ConditionFailed while another holds it.
        """
        update = {
            **self._at(shard),
            **expression(
                update="SET #held = :held, #until = :until, #expires = :expires",
                condition="attribute_not_exists(#held) OR #held = :held OR #until <= :now",
                values={
                    "held": holder,
                    "until": milliseconds(until),
                    "now": milliseconds(now),
                    "expires": round((now + KEPT).timestamp()),
                },
            ),
            "ReturnValues": "ALL_NEW",
        }
        answer = self.aws.call("dynamodb", "UpdateItem", update)
        return _position(decoded(answer["Attributes"]))

    def still_held(self, position: Position) -> dict[str, Any]:
        """The part of a transaction that asks whether a shard is held still, and stands there."""
        stood = "attribute_not_exists(#number)" if position.number is None else "#number = :number"
        return {
            **self._at(position.shard),
            **expression(
                condition=f"#held = :held AND {stood}",
                values={"held": position.held, "number": position.number},
            ),
        }

    def release(self, position: Position) -> None:
        """Let the counting of a shard go on. Raises ConditionFailed when another holds it now."""
        update = {
            **self._at(position.shard),
            **expression(
                update="REMOVE #held, #until",
                condition="#held = :held",
                values={"held": position.held},
            ),
        }
        self.aws.call("dynamodb", "UpdateItem", update)

    def _at(self, shard: str) -> dict[str, Any]:
        key = encoded({"PK": PARTITION, "SK": shard})
        return {"TableName": self.table, "Key": key}


def _position(item: dict[str, Any]) -> Position:
    return Position(
        shard=item["SK"],
        number=int(item["number"]) if "number" in item else None,
        at=_instant(item.get("at")),
        counted=_instant(item.get("counted")),
        held=item.get("held"),
        until=_instant(item.get("until")),
    )


def _instant(number: int | None) -> datetime | None:
    return None if number is None else datetime.fromtimestamp(number / 1000, UTC)
