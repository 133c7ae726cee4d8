"""Tasks are found again: newest first, by filters that combine, page by page."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.clock import EPOCH
from tests.harness import Deployment, deploy
from tests.listed import SECOND, store, tasks
from windrow import Context, Registry, task
from windrow.aws.errors import Unavailable
from windrow.engine.list_tasks import Page, list_tasks
from windrow.engine.submit import submit
from windrow.errors import InvalidCursor, InvalidOption
from windrow.model.filters import Filters
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.model.system import WEBHOOK

COUNT = 120


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    @task("plain")
    def plain(context: Context) -> str:
        return "done"

    with deploy(Registry([plain])) as deployed:
        yield deployed


@pytest.fixture
def stored(deployment: Deployment) -> list[Task]:
    """Of every kind, the newest first."""
    return store(deployment.engine.records, tasks(COUNT))


def all_pages(deployment: Deployment, filters: Filters, *, limit: int = 20) -> list[Page]:
    pages = [list_tasks(deployment.engine, filters, limit=limit)]
    while pages[-1].cursor is not None:
        pages.append(list_tasks(deployment.engine, filters, limit=limit, cursor=pages[-1].cursor))
    return pages


def ids(found: list[Page] | list[Task]) -> list[str]:
    listed = [one for each in found for one in (each.tasks if isinstance(each, Page) else [each])]
    return [task.ref.task for task in listed]


def test_nothing_is_a_page_without_a_next_one(deployment: Deployment) -> None:
    assert list_tasks(deployment.engine) == Page((), None)


def test_the_newest_come_first_and_as_they_stand(
    deployment: Deployment, stored: list[Task]
) -> None:
    page = list_tasks(deployment.engine)

    assert list(page.tasks) == stored[:20]


@pytest.mark.parametrize("limit", [1, 7, 20, 40, 100])
def test_pages_have_every_task_once_whatever_their_size(
    deployment: Deployment, stored: list[Task], limit: int
) -> None:
    pages = all_pages(deployment, Filters(), limit=limit)

    assert ids(pages) == ids(stored)
    assert {len(page.tasks) for page in pages[:-1]} <= {limit}
    assert pages[-1].tasks


FILTERS: dict[str, tuple[Filters, Callable[[Task], bool]]] = {
    "name": (Filters(name="letter.send"), lambda task: task.name == "letter.send"),
    "state": (
        Filters(states=frozenset({State.FAILED})),
        lambda task: task.state is State.FAILED,
    ),
    "running": (
        Filters(states=frozenset({State.RUNNING})),
        lambda task: task.state is State.RUNNING,
    ),
    "two states": (
        Filters(states=frozenset({State.QUEUED, State.CANCELLED})),
        lambda task: task.state in (State.QUEUED, State.CANCELLED),
    ),
    "priority": (Filters(priority=7), lambda task: task.priority == 7),
    "error": (Filters(error="TimeoutError"), lambda task: task.state is State.FAILED),
    "another error": (Filters(error="ValueError"), lambda task: False),
    "an error of what runs": (
        Filters(error="TimeoutError", states=frozenset({State.RUNNING})),
        lambda task: False,
    ),
    "from an instant on": (
        Filters(created_after=EPOCH + 100 * SECOND),
        lambda task: task.created >= EPOCH + 100 * SECOND,
    ),
    "before an instant": (
        Filters(created_before=EPOCH + 20 * SECOND),
        lambda task: task.created < EPOCH + 20 * SECOND,
    ),
    "all of them": (
        Filters(
            name="report.draw",
            states=frozenset({State.FAILED}),
            priority=9,
            error="TimeoutError",
            created_after=EPOCH + 5 * SECOND,
            created_before=EPOCH + 110 * SECOND,
        ),
        lambda task: (
            (task.name, task.state, task.priority) == ("report.draw", State.FAILED, 9)
            and EPOCH + 5 * SECOND <= task.created < EPOCH + 110 * SECOND
        ),
    ),
    "no time at all": (
        Filters(created_after=EPOCH + 9 * SECOND, created_before=EPOCH + 3 * SECOND),
        lambda task: False,
    ),
}


@pytest.mark.parametrize("which", FILTERS)
@pytest.mark.parametrize("limit", [1, 6, 100])
def test_a_filter_shows_what_meets_it_and_nothing_else(
    deployment: Deployment, stored: list[Task], which: str, limit: int
) -> None:
    filters, is_meant = FILTERS[which]

    pages = all_pages(deployment, filters, limit=limit)

    assert ids(pages) == ids([task for task in stored if is_meant(task)])


def test_the_filters_leave_something_to_show_and_something_to_hide(stored: list[Task]) -> None:
    shares = {which: sum(map(met, stored)) for which, (_, met) in FILTERS.items()}

    assert shares["all of them"] > 1
    assert all(share < COUNT for share in shares.values())


def test_a_page_of_a_rare_kind_may_be_partly_filled_and_goes_on(deployment: Deployment) -> None:
    many = tasks(150)
    queued = [replace(task, state=State.QUEUED, ended=None, expires=None) for task in many]
    queued[3] = replace(queued[3], state=State.RUNNING)
    store(deployment.engine.records, queued)

    pages = all_pages(deployment, Filters(states=frozenset({State.RUNNING})))

    assert [len(page.tasks) for page in pages] == [0, 1]


def test_a_task_keeps_its_place_while_it_ends_between_two_pages(deployment: Deployment) -> None:
    for _ in range(6):
        submit(deployment.engine, "plain")
        deployment.clock.advance(SECOND)
    everything = list_tasks(deployment.engine)

    first = list_tasks(deployment.engine, limit=3)
    deployment.pump()
    second = list_tasks(deployment.engine, limit=3, cursor=first.cursor)

    assert ids([first, second]) == ids([everything])
    assert {task.state for task in second.tasks} == {State.SUCCEEDED}
    assert second.cursor is None


def test_what_came_meanwhile_is_on_no_later_page(deployment: Deployment) -> None:
    for _ in range(4):
        submit(deployment.engine, "plain")
        deployment.clock.advance(SECOND)
    first = list_tasks(deployment.engine, limit=2)

    new = submit(deployment.engine, "plain").task.ref.task

    rest = list_tasks(deployment.engine, limit=100, cursor=first.cursor)
    assert new not in ids([rest])
    assert new in ids([list_tasks(deployment.engine)])


def test_the_index_only_says_where_to_look(deployment: Deployment, stored: list[Task]) -> None:
    records = deployment.engine.records
    before = next(task for task in stored if task.state is State.FAILED)
    item = records.put(replace(before, state=State.QUEUED, ended=None, error=None))["Item"]
    # As the index shows it for about a second after it has begun again.
    item |= {name: records.put(before)["Item"][name] for name in ("list_shard", "list_error")}
    records.aws.call("dynamodb", "PutItem", {"TableName": records.table, "Item": item})

    failed = all_pages(deployment, Filters(states=frozenset({State.FAILED})))
    timed_out = all_pages(deployment, Filters(error="TimeoutError"))

    expected = [task for task in stored if task.state is State.FAILED and task != before]
    assert ids(failed) == ids(timed_out) == ids(expected)


def test_expired_tasks_are_not_listed_even_while_ttl_lags(
    deployment: Deployment, stored: list[Task]
) -> None:
    deployment.clock.advance(timedelta(days=31))

    found = ids(all_pages(deployment, Filters()))

    assert found == ids([task for task in stored if not task.state.is_over])


def test_a_record_that_this_version_cannot_read_hides_no_other(
    deployment: Deployment, stored: list[Task]
) -> None:
    item = deployment.engine.records.put(stored[2])["Item"]
    item["state"] = {"S": "pondering"}
    table = deployment.engine.records.table
    deployment.engine.aws.call("dynamodb", "PutItem", {"TableName": table, "Item": item})

    page = list_tasks(deployment.engine, limit=5)

    assert ids([page]) == ids([*stored[:2], *stored[3:5]])
    assert "record.unreadable" in deployment.telemetry.verbs()


def test_a_tenant_sees_its_own_tasks_only(deployment: Deployment) -> None:
    store(deployment.engine.records, tasks(10, tenant="acme"))
    mine = store(deployment.engine.records, tasks(5))

    assert ids([list_tasks(deployment.engine)]) == ids(mine)
    assert len(list_tasks(deployment.engine, tenant="acme").tasks) == 10


def test_the_children_of_a_task_are_found(deployment: Deployment, stored: list[Task]) -> None:
    parent = stored[0].ref.task
    children = [
        replace(task, ref=Ref("default", f"CHILD{number}"), parent=parent)
        for number, task in enumerate(stored[:3])
    ]
    store(deployment.engine.records, children)

    page = list_tasks(deployment.engine, Filters(parent=parent))

    assert set(ids([page])) == {child.ref.task for child in children}


def test_the_tasks_of_a_schedule_are_found(deployment: Deployment, stored: list[Task]) -> None:
    runs = [
        replace(task, ref=Ref("default", f"RUN{number}"), schedule="nightly")
        for number, task in enumerate(stored[:3])
    ]
    store(deployment.engine.records, runs)

    page = list_tasks(deployment.engine, Filters(schedule="nightly"))

    assert set(ids([page])) == {run.ref.task for run in runs}


def test_windrows_own_tasks_are_listed_only_by_their_name(
    deployment: Deployment, stored: list[Task]
) -> None:
    own = [
        replace(task, name=WEBHOOK, ref=Ref("default", f"OWN{number}"))
        for number, task in enumerate(stored[:50])
    ]
    store(deployment.engine.records, own)

    everything = all_pages(deployment, Filters())
    asked_for = all_pages(deployment, Filters(name=WEBHOOK))

    assert ids(everything) == ids(stored)
    assert set(ids(asked_for)) == {task.ref.task for task in own}


@pytest.mark.parametrize("limit", [0, -1, 101, True, 2.0])
def test_an_impossible_limit_is_refused(deployment: Deployment, limit: int) -> None:
    with pytest.raises(InvalidOption, match="limit must be a whole number from 1 to 100"):
        list_tasks(deployment.engine, limit=limit)


@pytest.mark.usefixtures("stored")
def test_a_cursor_is_of_one_tenant_and_one_set_of_filters(deployment: Deployment) -> None:
    cursor = list_tasks(deployment.engine, Filters(priority=7), limit=2).cursor

    with pytest.raises(InvalidCursor):
        list_tasks(deployment.engine, Filters(priority=8), cursor=cursor)
    with pytest.raises(InvalidCursor):
        list_tasks(deployment.engine, Filters(priority=7), tenant="acme", cursor=cursor)
    # How many are asked for is no part of it.
    assert list_tasks(deployment.engine, Filters(priority=7), limit=100, cursor=cursor).tasks


@pytest.mark.usefixtures("stored")
def test_a_list_that_aws_does_not_answer_says_so(deployment: Deployment) -> None:
    deployment.port.plan("refused", "Query", skip=5)

    with pytest.raises(Unavailable):
        list_tasks(deployment.engine)
