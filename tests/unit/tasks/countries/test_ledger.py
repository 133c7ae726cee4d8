"""What the ledger promises, on DynamoDB as moto plays it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from moto import mock_aws

from tasks.countries.ledger import Complete, Ledger, Place
from tests.faults import FaultyPort
from tests.tables import create_table
from tests.unit.tasks.countries.samples import NOON
from windrow.aws.boto import Boto

TABLE = "ApplicationTable"
MILLISECOND = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def port() -> Iterator[FaultyPort]:
    with mock_aws():
        aws = Boto()
        create_table(aws, TABLE)
        yield FaultyPort(aws)


@pytest.fixture
def ledger(port: FaultyPort) -> Ledger:
    return Ledger(port, TABLE, "default")


def test_before_the_first_refresh_there_is_no_time(ledger: Ledger) -> None:
    assert ledger.last_refresh() is None


def test_a_plan_alone_is_no_refresh(ledger: Ledger) -> None:
    ledger.plan("A", 250, NOON, "us")

    assert ledger.last_refresh() is None


def test_a_complete_refresh_has_the_time_of_its_plan_however_often_it_is_noted(
    ledger: Ledger,
) -> None:
    place = ledger.plan("A", 250, NOON, "us")

    assert ledger.complete("A") == ledger.complete("A") == Complete(NOON, "us")
    assert ledger.last_refresh() == place.at == NOON


def test_ids_are_never_given_twice(ledger: Ledger) -> None:
    places = [ledger.plan(task, 250, NOON + n * MINUTE, "us") for n, task in enumerate("AAB")]

    assert [place.first_id for place in places] == [1, 251, 501]


def test_each_plan_is_later_than_the_one_before_whatever_the_clocks_say(ledger: Ledger) -> None:
    ahead = ledger.plan("A", 250, NOON, "us")
    behind = ledger.plan("B", 250, NOON - MINUTE, "us")
    same = ledger.plan("C", 250, NOON, "us")

    assert ahead == Place(NOON, 1)
    assert behind == Place(NOON + MILLISECOND, 251)
    assert same == Place(NOON + 2 * MILLISECOND, 501)


def test_a_plan_whose_answer_is_lost_gets_a_place_all_the_same(
    port: FaultyPort, ledger: Ledger
) -> None:
    port.plan("answer lost", "UpdateItem")

    place = ledger.plan("A", 250, NOON, "us")

    assert place == Place(NOON + MILLISECOND, 251)
    assert ledger.complete("A") == Complete(place.at, "us")


def test_a_refresh_after_which_another_was_planned_sets_no_time(ledger: Ledger) -> None:
    ledger.plan("A", 250, NOON, "us")
    ledger.complete("A")
    ledger.plan("B", 250, NOON + MINUTE, "them")

    assert ledger.complete("A") is None
    assert ledger.last_refresh() == NOON


def test_tenants_have_ledgers_of_their_own(port: FaultyPort, ledger: Ledger) -> None:
    ledger.plan("A", 250, NOON, "us")
    ledger.complete("A")

    other = Ledger(port, TABLE, "other")

    assert other.last_refresh() is None
    assert other.plan("B", 250, NOON, "us") == Place(NOON, 1)
