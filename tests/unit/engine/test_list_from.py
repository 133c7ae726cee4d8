"""Tasks are listed from an offset, and counted: as they stand, or as the rollups say."""

from collections.abc import Iterator

import pytest

from tests.harness import Deployment, deploy
from tests.listed import store, tasks
from windrow import Context, Registry, task
from windrow.engine.count_tasks import count_tasks
from windrow.engine.list_from import FARTHEST, MOST, Stretch, list_from
from windrow.errors import InvalidOption
from windrow.model.filters import MOST_NAMES, Filters
from windrow.model.records import Task
from windrow.model.states import State

COUNT = 240
ALL = Filters()
LETTERS = Filters(names=frozenset({"letter.send", "report.draw"}))
RUNNING = Filters(states=frozenset({State.RUNNING}))


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    @task("plain")
    def plain(context: Context) -> None: ...

    with deploy(Registry([plain])) as deployed:
        store(deployed.engine.records, tasks(COUNT))
        deployed.count()
        yield deployed


@pytest.fixture(scope="module")
def stored() -> list[Task]:
    """The newest first."""
    return list(tasks(COUNT))[::-1]


def ids(found: Stretch) -> list[str]:
    return [task.ref.task for task in found.tasks]


@pytest.mark.parametrize("filters", [ALL, LETTERS, RUNNING], ids=["all", "names", "running"])
@pytest.mark.parametrize(("offset", "limit"), [(0, 7), (30, 15), (40, 1000), (500, 10)])
def test_a_stretch_is_what_lies_after_the_offset(
    deployment: Deployment, stored: list[Task], filters: Filters, offset: int, limit: int
) -> None:
    matching = [task.ref.task for task in stored if filters.match(task)]

    found = list_from(deployment.engine, filters, limit=limit, offset=offset)

    assert ids(found) == matching[offset : offset + limit]
    assert found.total == len(matching)
    assert (found.cursor is None) == (offset + limit >= len(matching))


@pytest.mark.parametrize("filters", [ALL, LETTERS, RUNNING], ids=["all", "names", "running"])
def test_a_cursor_goes_on_where_a_stretch_ends(
    deployment: Deployment, stored: list[Task], filters: Filters
) -> None:
    found = list_from(deployment.engine, filters, limit=19, offset=5)
    listed = ids(found)
    while found.cursor is not None:
        found = list_from(deployment.engine, filters, limit=19, cursor=found.cursor)
        listed += ids(found)

    assert listed == [task.ref.task for task in stored if filters.match(task)][5:]


def test_tasks_are_counted_by_names_and_states(deployment: Deployment) -> None:
    engine = deployment.engine

    assert count_tasks(engine, ALL) == COUNT
    assert count_tasks(engine, LETTERS) == COUNT * 2 // 3
    assert count_tasks(engine, RUNNING) == COUNT // 5
    assert count_tasks(engine, Filters(names=frozenset({"nothing"}))) == 0
    assert count_tasks(engine, ALL, tenant="another") == 0


def test_a_few_are_counted_as_they_stand_before_the_rollups_know_of_them() -> None:
    with deploy(Registry([])) as deployed:
        store(deployed.engine.records, tasks(15))

        assert count_tasks(deployed.engine, ALL) == 15
        assert list_from(deployed.engine, ALL, limit=15).total == 15


@pytest.mark.parametrize(
    ("option", "value"),
    [("limit", 0), ("limit", MOST + 1), ("limit", True), ("offset", -1), ("offset", FARTHEST + 1)],
)
def test_what_is_beyond_bounds_is_refused(deployment: Deployment, option: str, value: int) -> None:
    asked = {"limit": 10, "offset": 0} | {option: value}

    with pytest.raises(InvalidOption, match=f"^{option} must be"):
        list_from(deployment.engine, ALL, limit=asked["limit"], offset=asked["offset"])


def test_more_names_than_a_condition_holds_are_refused() -> None:
    with pytest.raises(InvalidOption, match="at most 100"):
        Filters(names=frozenset(map(str, range(MOST_NAMES + 1))))
