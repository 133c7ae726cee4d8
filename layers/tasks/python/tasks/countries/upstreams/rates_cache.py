"""A place to keep the rates until the API has new ones.

A cache that cannot be read or written costs a request and nothing else, so it never raises.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from windrow.aws.errors import ServiceError
from windrow.aws.port import AWS

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CachedRates:
    rates_json: str
    """The API's own answer."""
    until: datetime


class RatesCache(Protocol):
    def get(self) -> CachedRates | None:
        """What was put last, current or not."""
        ...

    def put(self, rates_json: str, until: datetime) -> None:
        """Keep this in place of what was there."""
        ...


class TableRatesCache:
    """One item of the application table: `COUNTRIES#<tenant>`, `RATES`."""

    def __init__(self, aws: AWS, *, table: str, tenant: str) -> None:
        self._aws = aws
        self._table = table
        self._key = {"PK": {"S": f"COUNTRIES#{tenant}"}, "SK": {"S": "RATES"}}

    def get(self) -> CachedRates | None:
        try:
            answer = self._aws.call(
                "dynamodb", "GetItem", {"TableName": self._table, "Key": self._key}
            )
        except ServiceError as error:
            log.warning("rates.cache_unread reason=%s", error)
            return None
        match answer.get("Item"):
            case {"rates": {"S": str(rates_json)}, "until": {"S": str(until)}}:
                with suppress(ValueError):
                    return CachedRates(rates_json, datetime.fromisoformat(until).astimezone(UTC))
        return None

    def put(self, rates_json: str, until: datetime) -> None:
        """Writing twice is harmless: the later answer of the same day stands."""
        item = {**self._key, "rates": {"S": rates_json}, "until": {"S": until.isoformat()}}
        try:
            self._aws.call("dynamodb", "PutItem", {"TableName": self._table, "Item": item})
        except ServiceError as error:
            log.warning("rates.cache_unwritten reason=%s", error)
