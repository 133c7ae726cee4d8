"""Rollups: rows of figures, each added to by the transaction that remembers what was counted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from windrow.aws.dynamodb import encoded, expression, pages
from windrow.aws.port import AWS
from windrow.model.figures import Figures, Kind, Row, Sample
from windrow.store.keys import Key, milliseconds

# Rows of one kind that are read together share a partition: a day of minutes, a month of hours, a
# day of errors. The rest of the instant is in the sort key.
PARTITIONS = {Kind.MINUTE: "%Y-%m-%d", Kind.HOUR: "%Y-%m", Kind.ERRORS: "%Y-%m-%d"}
SORTS = {Kind.MINUTE: "%H:%M", Kind.HOUR: "%d %H", Kind.ERRORS: ""}
STEPS = {Kind.MINUTE: timedelta(minutes=1), Kind.HOUR: timedelta(hours=1)}
# What is no figure.
OTHERS = frozenset({"PK", "SK", "expires", "kind", "message", "first", "last", "example"})


def rollup_key(row: Row) -> Key:
    """The key of a row."""
    if row.at is None:
        return {"PK": f"R#{row.tenant}#{row.kind}", "SK": row.name}
    return {
        "PK": f"R#{row.tenant}#{row.kind}#{row.at.strftime(PARTITIONS[row.kind])}",
        "SK": "#".join(filter(None, (row.at.strftime(SORTS[row.kind]), row.name, row.error))),
    }


@dataclass(frozen=True, slots=True)
class Reason:
    """A row of errors: how often, what, and when it was seen first and last, about."""

    row: Row
    count: int
    sample: Sample
    first: datetime


@dataclass(frozen=True, slots=True)
class Rollups:
    """The rows of the table. What a read costs depends on types and minutes, never on tasks."""

    aws: AWS
    table: str

    def added(self, figures: Figures) -> list[dict[str, Any]]:
        """The parts of a transaction that add these figures, one for each row."""
        return [
            {"Update": self._update(row, amounts, figures.samples.get(row))}
            for row, amounts in figures.amounts.items()
        ]

    def now(self, tenant: str) -> dict[Row, Counter[str]]:
        """How many tasks of each type are in each state, by one Query."""
        return dict(self._rows(tenant, Kind.NOW, None))

    def between(
        self, tenant: str, kind: Kind, first: datetime, last: datetime
    ) -> Iterator[tuple[Row, Counter[str]]]:
        """The rows of the minutes or hours from `first` to `last`, both included, in order."""
        for part in _partitions(kind, first, last):
            for row, amounts in self._rows(tenant, kind, part):
                assert row.at is not None
                if first <= row.at <= last:
                    yield row, amounts

    def errors(self, tenant: str, first: datetime, last: datetime) -> Iterator[Reason]:
        """Why tasks failed, by type, reason and day, from the day of `first` to that of `last`."""
        for part in _partitions(Kind.ERRORS, first, last):
            for item in self._items(tenant, Kind.ERRORS, part):
                row, amounts = _row(tenant, Kind.ERRORS, item)
                yield Reason(row, amounts["count"], _sample(item), _instant(item.get("first", 0)))

    def _rows(
        self, tenant: str, kind: Kind, part: datetime | None
    ) -> Iterator[tuple[Row, Counter[str]]]:
        for item in self._items(tenant, kind, part):
            yield _row(tenant, kind, item)

    def _items(self, tenant: str, kind: Kind, part: datetime | None) -> Iterator[dict[str, Any]]:
        partition = rollup_key(Row(tenant, kind, "", part))["PK"]
        query = {
            "TableName": self.table,
            "ConsistentRead": True,
            **expression(key_condition="#PK = :partition", values={"partition": partition}),
        }
        return pages(self.aws, query)

    def _update(self, row: Row, amounts: Counter[str], sample: Sample | None) -> dict[str, Any]:
        values: dict[str, Any] = {f"add_{name}": amount for name, amount in amounts.items()}
        adds = ", ".join(f"#{name} :add_{name}" for name in amounts)
        sets = []
        if row.expires is not None:
            sets.append("#expires = :expires")
            values["expires"] = round(row.expires.timestamp())
        if sample is not None:
            sets += [
                "#kind = :kind",
                "#message = :message",
                "#example = :example",
                "#last = :seen",
                "#first = if_not_exists(#first, :seen)",
            ]
            values |= {
                "kind": sample.kind,
                "message": sample.message,
                "example": sample.task,
                "seen": milliseconds(sample.at),
            }
        update = f"ADD {adds}" + (f" SET {', '.join(sets)}" if sets else "")
        return {
            "TableName": self.table,
            "Key": encoded(rollup_key(row)),
            **expression(update=update, values=values),
        }


def _partitions(kind: Kind, first: datetime, last: datetime) -> Iterator[datetime]:
    """An instant of each partition that has rows between two instants."""
    seen = set()
    at = first
    while at <= last:
        name = at.strftime(PARTITIONS[kind])
        if name not in seen:
            seen.add(name)
            yield at
        at += timedelta(days=1)
    if last.strftime(PARTITIONS[kind]) not in seen:
        yield last


def _row(tenant: str, kind: Kind, item: dict[str, Any]) -> tuple[Row, Counter[str]]:
    amounts = Counter({name: value for name, value in item.items() if name not in OTHERS})
    if kind is Kind.NOW:
        return Row(tenant, kind, item["SK"]), amounts
    *sort, name = item["SK"].split("#") if kind is not Kind.ERRORS else ("", item["SK"])
    error = ""
    if kind is Kind.ERRORS:
        name, _, error = name.rpartition("#")
    day = item["PK"].rpartition("#")[2]
    text, form = f"{day} {sort[0]}".strip(), f"{PARTITIONS[kind]} {SORTS[kind]}".strip()
    return Row(
        tenant, kind, name, datetime.strptime(text, form).replace(tzinfo=UTC), error
    ), amounts


def _sample(item: dict[str, Any]) -> Sample:
    # Where the change that made a row was passed over, only what takes it back has come.
    kind, message, example = (item.get(name, "") for name in ("kind", "message", "example"))
    return Sample(kind, message, example, _instant(item.get("last", 0)))


def _instant(number: int) -> datetime:
    return datetime.fromtimestamp(number / 1000, UTC)
