"""Countries and refreshes for tests that care about one thing of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tasks.countries.country import Country
from tasks.countries.upstreams.base import CountryFacts
from windrow.model.records import Progress, Task
from windrow.model.ref import Ref

NOON = datetime(2026, 1, 15, 12, 0, 0, 250_000, tzinfo=UTC)

FACTS = CountryFacts(
    name="Nigeria",
    capital="Abuja",
    region="Africa",
    population=206_139_589,
    flag="https://flagcdn.com/ng.svg",
    currency="NGN",
)

NIGERIA = Country(
    id=161,
    name="Nigeria",
    capital="Abuja",
    region="Africa",
    population=206_139_589,
    currency_code="NGN",
    exchange_rate=Decimal("1600.23"),
    estimated_gdp=Decimal("193228088.15"),
    flag_url="https://flagcdn.com/ng.svg",
    refreshed=NOON,
)

ANTARCTICA = Country(
    id=9,
    name="Antarctica",
    capital=None,
    region=None,
    population=0,
    currency_code=None,
    exchange_rate=None,
    estimated_gdp=Decimal(0),
    flag_url=None,
    refreshed=NOON,
)


def country(name: str, **changes: Any) -> Country:
    """Nigeria under another name, with these changes."""
    return replace(NIGERIA, name=name, **changes)


def refresh(**changes: Any) -> Task:
    """A refresh of 250 countries as it is submitted, with these changes."""
    task = Task(
        ref=Ref("default", "01JHN0000000000000000000"),
        name="countries.refresh",
        pool="default",
        created=NOON,
        queued=NOON,
        not_before=NOON,
        deadline=NOON + timedelta(minutes=30),
        progress=Progress(250),
    )
    return replace(task, **changes)
