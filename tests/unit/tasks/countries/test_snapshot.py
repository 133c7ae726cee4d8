"""The committed data keeps what scripts/build_snapshot.py promises. Needs none of its packages."""

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tasks.countries.upstreams.bundled import DATA

LEFT_OUT = {"CUP", "IRR", "KPW", "MMK", "SDG", "SSP", "SYP", "VES", "YER", "ZWG"}


@pytest.fixture(scope="module")
def countries() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((DATA / "countries.json").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def rates() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        (DATA / "rates.json").read_text("utf-8"), parse_float=Decimal
    )
    return loaded


def first_currency(country: dict[str, Any]) -> str | None:
    codes = [currency["code"] for currency in country.get("currencies", [])]
    return codes[0] if codes else None


def test_there_are_250_countries_and_no_name_comes_twice_in_any_case(
    countries: list[dict[str, Any]],
) -> None:
    assert len({country["name"].casefold() for country in countries}) == len(countries) == 250


def test_every_country_has_a_name_a_region_a_population_and_a_flag(
    countries: list[dict[str, Any]],
) -> None:
    for country in countries:
        assert country["name"] == country["name"].strip() != ""
        assert country["population"] >= 0
        assert country["flag"].startswith("https://flagcdn.com/")
    assert Counter(country["region"] for country in countries) == {
        "Africa": 58, "Americas": 55, "Antarctic": 5, "Asia": 51, "Europe": 53, "Oceania": 28,
    }  # fmt: skip


def test_names_can_be_typed_into_a_url(countries: list[dict[str, Any]]) -> None:
    names = {country["name"] for country in countries}

    assert {"Côte d'Ivoire", "Hong Kong", "Saint Lucia", "Trinidad and Tobago", "Türkiye"} <= names
    assert not any(sign in name for name in names for sign in "’&/?#%")


def test_an_unknown_fact_is_an_absent_key(countries: list[dict[str, Any]]) -> None:
    assert not any(value in ("", None, []) for country in countries for value in country.values())
    assert sum("capital" not in country for country in countries) == 6


def test_more_than_nine_in_ten_countries_have_a_currency_and_a_rate(
    countries: list[dict[str, Any]], rates: dict[str, Any]
) -> None:
    codes = [first_currency(country) for country in countries]

    assert sum(code is not None for code in codes) == 249
    assert sum(code in rates["rates"] for code in codes) == 239


def test_the_gaps_left_on_purpose_meet_real_countries(
    countries: list[dict[str, Any]], rates: dict[str, Any]
) -> None:
    without_currency = [country["name"] for country in countries if not first_currency(country)]
    without_rate = {first_currency(country) for country in countries} - rates["rates"].keys()
    with_several = [c["name"] for c in countries if len(c.get("currencies", [])) > 1]
    without_people = [country["name"] for country in countries if not country["population"]]

    assert without_currency == ["Antarctica"]
    assert without_rate - {None} == LEFT_OUT
    assert "Namibia" in with_several
    assert "Bouvet Island" in without_people


def test_a_country_with_several_currencies_has_its_own_one_first(
    countries: list[dict[str, Any]],
) -> None:
    first = {country["name"]: first_currency(country) for country in countries}

    assert first["Namibia"] == "NAD"
    assert first["Bhutan"] == "BTN"
    assert first["Bulgaria"] == "EUR"


def test_every_rate_is_above_zero_and_says_where_it_comes_from(rates: dict[str, Any]) -> None:
    assert rates["base_code"] == "USD"
    assert rates["rates"]["USD"] == 1
    assert min(rates["rates"].values()) > 0
    assert rates["rates"].keys() == rates["provenance"].keys()
    assert Counter(rates["provenance"].values()) == {"ecb": 30, "peg": 35, "illustrative": 78}


@pytest.mark.parametrize(
    ("code", "anchor", "parity"),
    [
        ("XOF", "EUR", "655.957"),
        ("BAM", "EUR", "1.95583"),
        ("NPR", "INR", "1.6"),
        ("NAD", "ZAR", "1"),
        ("SAR", "USD", "3.75"),
    ],
)
def test_a_peg_is_its_parity_to_the_anchor(
    rates: dict[str, Any], code: str, anchor: str, parity: str
) -> None:
    computed = Decimal(rates["rates"][anchor]) * Decimal(parity)

    assert rates["provenance"][code] == "peg"
    assert abs(rates["rates"][code] / computed - 1) < Decimal("0.00001")


def test_illustrative_figures_are_too_round_to_be_mistaken_for_quotes(
    rates: dict[str, Any],
) -> None:
    kinds = rates["provenance"]
    figures = [rates["rates"][code] for code, kind in kinds.items() if kind == "illustrative"]

    assert all(len(Decimal(figure).normalize().as_tuple().digits) <= 4 for figure in figures)


def test_the_notice_names_each_source_and_the_codes_left_out() -> None:
    notice = (DATA / "NOTICE.md").read_text("utf-8")

    for word in ("GeoNames", "CC BY 4.0", "CLDR", "European Central Bank", "illustrative"):
        assert word in notice
    assert all(code in notice for code in LEFT_OUT)
