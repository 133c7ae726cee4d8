"""What the rows promise, on DynamoDB as moto plays it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from moto import mock_aws

from tasks.countries.country import Country
from tasks.countries.rows import Rows
from tests.tables import create_table
from tests.unit.tasks.countries.samples import ANTARCTICA, NIGERIA, NOON, country
from windrow.aws.boto import Boto

TABLE = "ApplicationTable"
IVORY_COAST = "C\N{LATIN SMALL LETTER O WITH CIRCUMFLEX}te d'Ivoire"


@pytest.fixture
def rows() -> Iterator[Rows]:
    with mock_aws():
        aws = Boto()
        create_table(aws, TABLE)
        yield Rows(aws, TABLE, "default")


def test_there_is_nothing_at_first(rows: Rows) -> None:
    assert rows.all() == []
    assert rows.find("Nigeria") is None
    assert rows.delete("Nigeria") is None


@pytest.mark.parametrize("known", [NIGERIA, ANTARCTICA])
def test_what_was_stored_is_found_and_listed(rows: Rows, known: Country) -> None:
    assert rows.upsert(known)

    assert rows.find(known.name) == known
    assert rows.all() == [known]


def test_a_list_is_in_order_of_names(rows: Rows) -> None:
    for name in ("Oman", "chad", "Peru"):
        rows.upsert(country(name))

    assert [each.name for each in rows.all()] == ["chad", "Oman", "Peru"]


def test_a_name_is_found_in_any_case_and_however_its_accents_are_typed(rows: Rows) -> None:
    rows.upsert(country(IVORY_COAST))

    for spelling in (IVORY_COAST.upper(), "Co\N{COMBINING CIRCUMFLEX ACCENT}te d'Ivoire"):
        found = rows.find(spelling)
        assert found is not None
        assert found.name == IVORY_COAST


def test_a_second_time_changes_nothing(rows: Rows) -> None:
    rows.upsert(NIGERIA)

    assert rows.upsert(NIGERIA)
    assert rows.all() == [NIGERIA]


def test_a_later_refresh_changes_all_but_the_id(rows: Rows) -> None:
    later = replace(
        NIGERIA,
        id=999,
        name="NIGERIA",
        capital=None,
        exchange_rate=None,
        estimated_gdp=None,
        population=1,
        refreshed=NOON + timedelta(days=1),
    )
    rows.upsert(NIGERIA)

    assert rows.upsert(later)
    assert rows.all() == [replace(later, id=NIGERIA.id)]


def test_an_older_refresh_changes_nothing(rows: Rows) -> None:
    older = replace(NIGERIA, estimated_gdp=Decimal(1), refreshed=NOON - timedelta(milliseconds=1))
    rows.upsert(NIGERIA)

    assert not rows.upsert(older)
    assert rows.all() == [NIGERIA]


def test_a_deleted_country_is_gone_and_shown_once(rows: Rows) -> None:
    rows.upsert(NIGERIA)

    assert rows.delete("nigeria") == NIGERIA
    assert rows.delete("nigeria") is None
    assert rows.all() == []


def test_tenants_do_not_see_each_other(rows: Rows) -> None:
    rows.upsert(NIGERIA)
    other = replace(rows, tenant="other")

    assert other.all() == []
    assert other.find("Nigeria") is None
    assert other.delete("Nigeria") is None


@pytest.mark.parametrize("name", ["x" * 1020, "\N{LATIN SMALL LETTER SHARP S}" * 600, "x" * 10**6])
def test_a_name_that_no_row_can_have_is_not_asked_for(rows: Rows, name: str) -> None:
    assert rows.find(name) is None
    assert rows.delete(name) is None


def test_the_longest_name_that_a_row_can_have_is_asked_for(rows: Rows) -> None:
    rows.upsert(country("x" * 1019))

    assert rows.find("x" * 1019) is not None
