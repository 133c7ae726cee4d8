"""The records that the examples process: four facts of each of the 250 countries, 1,000 in all."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.countries.upstreams.base import CountryFacts
from tasks.countries.upstreams.bundled import Bundled

type Value = str | int | None
# What is known of each country: its facts by their names.
type Countries = dict[str, dict[str, Value]]

FACTS = ("capital", "region", "population", "currency")
# ISO 4217 writes a currency so.
CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Record:
    """One fact of one country; None where there is none, as Antarctica has no capital."""

    country: str
    fact: str
    value: Value


@dataclass(frozen=True, slots=True)
class Region:
    """What the records of one region add up to."""

    name: str
    countries: int
    population: int
    currencies: int


def load() -> list[Record]:
    """Read all records from the files that ship with the code."""
    return [record for facts in Bundled().countries() for record in _of(facts)]


def validate(records: Iterable[Record]) -> int:
    """Check each record; returns how many they were. Raises ValueError for the first wrong one."""
    count = 0
    for record in records:
        if not _is_valid(record):
            raise ValueError(f"{record.fact} of {record.country} cannot be {record.value!r}.")
        count += 1
    return count


def gather(countries: Countries, records: Iterable[Record]) -> None:
    """Add each record to what is known of its country."""
    for record in records:
        countries.setdefault(record.country, {})[record.fact] = record.value


def regions(countries: Countries) -> list[Region]:
    """The countries added up by region, the most populous first."""
    found = []
    for name in {str(facts["region"]) for facts in countries.values()}:
        own = [facts for facts in countries.values() if str(facts["region"]) == name]
        population = sum(int(facts["population"] or 0) for facts in own)
        currencies = {facts["currency"] for facts in own} - {None}
        found.append(Region(name, len(own), population, len(currencies)))
    return sorted(found, key=lambda region: (-region.population, region.name))


def _of(facts: CountryFacts) -> Iterator[Record]:
    for fact in FACTS:
        yield Record(facts.name, fact, getattr(facts, fact))


def _is_valid(record: Record) -> bool:
    match record:
        case Record(fact="population", value=value):
            return type(value) is int and value >= 0
        case Record(fact="currency", value=str(code)):
            return bool(CURRENCY.fullmatch(code))
        case Record(value=str(text)):
            return bool(text.strip())
        case _:
            return record.value is None and record.fact in FACTS
