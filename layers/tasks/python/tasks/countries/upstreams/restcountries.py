"""restcountries.com, version 5: the only one alive. It needs a key and gives 100 countries a page.

Versions 1 to 4 answer 200 with {"success": false, "errors": [...]} since June 2026, so nothing here
trusts a status: a page counts when it has the promised shape, and the whole when it is complete.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tasks.countries.upstreams.base import COUNTRIES_API, CountryFacts, UpstreamUnavailable
from tasks.countries.upstreams.fetch import Fetch
from tasks.countries.upstreams.shape import Misshapen, member, must, text

URL = "https://api.restcountries.com/countries/v5"
FIELDS = "names.common,capitals,region,population,flag.url_svg,currencies"
PAGE_SIZE = 100
"""The most that the free plan gives."""
SANE_TOTAL = range(200, 1000)
"""There are about 250 countries and territories."""
SANE_POPULATION = range(10**10)
CURRENCY_CODE = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Page:
    countries: list[CountryFacts]
    total: int
    """Of all pages together."""
    more: bool


def all_countries(fetch: Fetch) -> list[CountryFacts]:
    """Every page, one after the other. Raises `UpstreamUnavailable` unless all of it came.

    Each page has a country and none comes twice, so the number of requests is bounded.
    """
    found: dict[str, CountryFacts] = {}
    more = True
    while more:
        query = urlencode(
            {"response_fields": FIELDS, "limit": PAGE_SIZE, "offset": len(found)}, safe=","
        )
        page = fetch.get(page_of, f"?{query}")
        for country in page.countries:
            if found.setdefault(country.name.casefold(), country) is not country:
                raise UpstreamUnavailable(COUNTRIES_API, f"{country.name} came twice")
        more = page.more and len(found) < page.total
    if len(found) != page.total:
        raise UpstreamUnavailable(
            COUNTRIES_API, f"{len(found)} countries came where {page.total} were promised"
        )
    return list(found.values())


def page_of(document: object) -> Page:
    """A page from {"data": {"objects": [...], "meta": {"total": 250, "more": true, ...}}}."""
    data = member(must(document, dict, "the body"), "data", dict)
    meta = member(data, "meta", dict)
    total = member(meta, "total", int)
    if total not in SANE_TOTAL:
        raise Misshapen(f"total should be about 250, but is {total}")
    objects = member(data, "objects", list)
    if not objects:
        raise Misshapen("objects should not be empty")
    countries = [country_of(must(each, dict, "a country")) for each in objects]
    return Page(countries, total, member(meta, "more", bool))


def country_of(item: dict[str, Any]) -> CountryFacts:
    """One country; an unknown text is "" there and None here."""
    name = text(member(item, "names", dict), "common")
    if name is None:
        raise Misshapen("names.common should not be empty")
    population = member(item, "population", int)
    if population not in SANE_POPULATION:
        raise Misshapen(f"the population of {name} should be believable, but is {population}")
    currency = text(first(item, "currencies"), "code")
    if currency and not CURRENCY_CODE.fullmatch(currency):
        raise Misshapen(f"the currency of {name} should be three capital letters")
    return CountryFacts(
        name=name,
        capital=text(first(item, "capitals"), "name"),
        region=text(item, "region"),
        population=population,
        flag=text(must(item.get("flag") or {}, dict, "flag"), "url_svg"),
        currency=currency,
    )


def first(item: dict[str, Any], key: str) -> dict[str, Any]:
    """The first object of a list that may be missing or empty."""
    found = must(item.get(key) or [], list, key)
    return must(found[0], dict, f"an element of {key}") if found else {}
