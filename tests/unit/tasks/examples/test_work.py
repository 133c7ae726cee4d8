"""What the examples really do, function by function."""

from unittest.mock import Mock

import pytest

from tasks.countries.upstreams.bundled import Bundled
from tasks.examples import maintenance, records
from tasks.examples.primes import Stopped, count_primes, primes
from tasks.examples.processing import batches, document
from tasks.examples.records import Record, Region
from tests.clock import EPOCH


@pytest.mark.parametrize(("below", "count"), [(0, 0), (2, 0), (3, 1), (100, 25), (10_000, 1229)])
def test_primes_are_counted(below: int, count: int) -> None:
    assert primes(0, below) == count


def test_parts_have_as_many_primes_as_the_whole() -> None:
    assert sum(primes(part, part + 97) for part in range(0, 9700, 97)) == primes(0, 9700)


def test_there_are_a_thousand_valid_records() -> None:
    loaded = records.load()

    assert len(loaded) == 1000
    assert records.validate(loaded) == 1000


@pytest.mark.parametrize(
    "wrong",
    [
        Record("Utopia", "population", -1),
        Record("Utopia", "population", True),
        Record("Utopia", "population", None),
        Record("Utopia", "currency", "utopians"),
        Record("Utopia", "capital", " "),
        Record("Utopia", "region", 7),
        Record("Utopia", "motto", None),
    ],
    ids=str,
)
def test_a_wrong_record_is_named(wrong: Record) -> None:
    with pytest.raises(ValueError, match=f"{wrong.fact} of Utopia cannot be"):
        records.validate([Record("Utopia", "capital", None), wrong])


def test_three_batches_hold_every_record_once() -> None:
    loaded = records.load()

    parts = list(batches(loaded))

    assert [len(part) for part in parts] == [333, 333, 334]
    assert [record for part in parts for record in part] == loaded


def test_regions_add_up_to_the_world() -> None:
    countries: records.Countries = {}
    for part in batches(records.load()):
        records.gather(countries, part)

    regions = records.regions(countries)

    facts = Bundled().countries()
    assert sum(region.countries for region in regions) == len(facts)
    assert sum(region.population for region in regions) == sum(each.population for each in facts)
    assert regions[0].name == "Asia"


def test_a_report_has_a_line_and_a_bar_for_each_region() -> None:
    regions = [Region("Asia", 51, 4_542_820_771, 50), Region("Antarctic", 5, 170, 4)]

    report = document(regions, EPOCH)

    assert [tuple(row) for row in report.rows] == [
        ("Asia", 51, 4_542_820_771, 50),
        ("Antarctic", 5, 170, 4),
    ]
    assert report.chart is not None
    assert report.chart.labels == ("Asia", "Antarctic")
    assert report.chart.series[0].values == (4_542_820_771, 170)


@pytest.mark.parametrize(
    ("systems", "verdict"),
    [
        ({"memory": 94.9, "disk": 10.0}, "healthy"),
        ({"memory": 95.0, "disk": 10.0}, "nearly full: memory"),
        ({"memory": 99.0, "disk": 99.0}, "nearly full: disk, memory"),
    ],
)
def test_a_worker_is_healthy_while_it_has_room(systems: dict[str, float], verdict: str) -> None:
    assert maintenance.verdict(systems) == verdict


def test_the_disk_of_this_machine_is_measured() -> None:
    assert 0 < maintenance.disk_percent() <= 100


def test_a_count_that_somebody_cancels_stops_before_its_next_part() -> None:
    context = Mock(cursor=[4, 5_761], cancelled=True)

    with pytest.raises(Stopped, match="after 4 of 10 parts"):
        count_primes(context)

    context.progress.assert_not_called()
