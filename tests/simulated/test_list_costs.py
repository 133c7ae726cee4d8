"""What a page of a list costs: the same with 1,000 tasks as with 100,000, and never a scan."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.clock import EPOCH
from tests.harness import Deployment, deploy
from tests.listed import SECOND, fill, tasks
from tests.simulated.dynamodb.service import DynamoDB
from tests.simulated.refusals import Unsupported
from windrow import Registry
from windrow.engine.list_tasks import Page, list_tasks
from windrow.model.filters import Filters
from windrow.model.states import State
from windrow.store.listing import FURTHER_CALLS, LOOKED_AT

FEW, MANY = 1_000, 100_000
QUERIES_AT_MOST = 16 + FURTHER_CALLS
# An entry of the index is 230 bytes or so; an index is read at half a unit for 4 KB.
UNITS_OF_A_LONG_QUERY = LOOKED_AT * 256 / 4096 / 2


@dataclass(frozen=True)
class Cost:
    """The calls of a page, and its read units."""

    calls: list[str]
    units: float


@dataclass(frozen=True)
class Listing:
    """A deployment with so many tasks, and what reading it costs."""

    deployment: Deployment
    database: DynamoDB

    def page(self, filters: Filters, **options: Any) -> tuple[Page, Cost]:
        """A page and its cost; the key of cursors is known by then."""
        engine, calls = self.deployment.engine, self.deployment.port.calls
        engine.cursors.at("", "")
        made, units = len(calls), self.database.meter.reads
        found = list_tasks(engine, filters, **options)
        operations = [operation for operation, _ in calls[made:]]
        return found, Cost(operations, self.database.meter.reads - units)


@contextmanager
def listing(count: int) -> Iterator[Listing]:
    """A deployment with so many tasks."""
    with deploy(Registry([])) as deployed:
        database = deployed.services.dynamodb
        fill(database.tables["TasksTable"], count)
        yield Listing(deployed, database)


@pytest.fixture(scope="module")
def few() -> Iterator[Listing]:
    with listing(FEW) as made:
        yield made


@pytest.fixture(scope="module")
def many() -> Iterator[Listing]:
    with listing(MANY) as made:
        yield made


CHEAP = {
    "no filter": (Filters(), 16),
    "one state": (Filters(states=frozenset({State.FAILED})), 4),
    "running": (Filters(states=frozenset({State.RUNNING})), 4),
    "a time": (Filters(created_before=EPOCH + 900 * SECOND), 16),
}


@pytest.mark.parametrize("which", CHEAP)
def test_a_page_costs_the_same_however_many_tasks_there_are(
    few: Listing, many: Listing, which: str
) -> None:
    filters, queries = CHEAP[which]

    some, cost_of_few = few.page(filters)
    others, cost_of_many = many.page(filters)

    assert cost_of_many == cost_of_few
    assert cost_of_many.calls == ["Query"] * queries + ["BatchGetItem"]
    assert len(some.tasks) == len(others.tasks) == 20


RARE = {
    "a rare kind": Filters(name="never.submitted"),
    "a rare error": Filters(error="ZeroDivisionError"),
    "rare in a way that combines": Filters(name="letter.send", priority=2),
}


@pytest.mark.parametrize("which", RARE)
def test_a_page_has_a_bounded_cost_however_rare_what_it_looks_for(
    many: Listing, which: str
) -> None:
    found, cost = many.page(RARE[which], limit=100)

    assert found.cursor is not None
    assert cost.calls.count("Query") <= QUERIES_AT_MOST
    assert cost.calls.count("BatchGetItem") <= 1
    assert cost.units <= QUERIES_AT_MOST * UNITS_OF_A_LONG_QUERY + 100


def test_a_page_of_a_common_kind_reads_little_more_than_it_shows(many: Listing) -> None:
    _, plain = many.page(Filters())
    found, filtered = many.page(Filters(name="letter.send"))

    assert len(found.tasks) == 20
    assert filtered.calls == plain.calls
    assert filtered.units <= 3 * plain.units


def test_a_task_among_100_000_is_found_within_a_few_pages(many: Listing) -> None:
    records = many.deployment.engine.records
    oldest = next(iter(tasks(1)))
    record = replace(oldest, name="once.in_a_lifetime", created=oldest.created - SECOND)
    assert records.create(record)
    filters = Filters(name=record.name)

    pages = [many.page(filters)[0]]
    while pages[-1].cursor is not None:
        pages.append(many.page(filters, cursor=pages[-1].cursor)[0])

    assert [task for page in pages for task in page.tasks] == [record]
    assert len(pages) < 20


def test_a_later_page_costs_what_the_first_one_does(many: Listing) -> None:
    page, first = many.page(Filters())
    for _ in range(5):
        page, later = many.page(Filters(), cursor=page.cursor)

    assert later == first


def test_no_path_that_runs_on_the_simulation_scans_for_it_has_no_scan(few: Listing) -> None:
    with pytest.raises(Unsupported, match="has no Scan"):
        few.database.call("Scan", {"TableName": "TasksTable"})
