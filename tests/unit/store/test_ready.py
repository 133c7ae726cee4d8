"""The index of what waits: most urgent first, over all of its shards."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy
from windrow import Context, Registry, task
from windrow.engine.engine import Engine
from windrow.engine.submit import submit
from windrow.model.priority import Mode
from windrow.model.records import Task
from windrow.store.ready import Order, ReadyIndex

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    definitions = [task(f"p{n}", priority=n)(_nothing) for n in range(1, 11)]
    with deploy(Registry(definitions)) as deployed:
        yield deployed


def _nothing(context: Context) -> None:
    """A task that is never run here."""


def under(engine: Engine, order: Order) -> Engine:
    """The same engine with other settings."""
    return replace(
        engine,
        records=replace(engine.records, order=order),
        tasks=replace(engine.tasks, records=replace(engine.records, order=order)),
        ready=replace(engine.ready, order=order),
    )


def seen(index: ReadyIndex) -> list[str]:
    return [waiting.ref.task for waiting in index.waiting("default")]


def test_what_waits_comes_by_priority_and_then_by_age_page_after_page(
    deployment: Deployment,
) -> None:
    made: list[Task] = []
    for number in range(120):
        made.append(submit(deployment.engine, f"p{number % 10 + 1}").task)
        deployment.clock.advance(SECOND)

    in_order = sorted(made, key=lambda each: (-each.priority, each.queued))
    assert seen(deployment.engine.ready) == [each.ref.task for each in in_order]


def test_pages_are_read_as_far_as_somebody_looks(deployment: Deployment) -> None:
    for _ in range(120):
        submit(deployment.engine, "p5")
    deployment.port.calls.clear()

    first = next(deployment.engine.ready.waiting("default"))

    assert first.rank.startswith("05#")
    assert deployment.port.count("Query") == 4


def test_with_aging_a_level_is_worth_a_minute(deployment: Deployment) -> None:
    engine = under(deployment.engine, Order(Mode.AGING))
    old = submit(engine, "p1").task
    deployment.clock.advance(8 * MINUTE)
    high = submit(engine, "p10").task
    deployment.clock.advance(2 * MINUTE)
    late = submit(engine, "p10").task

    assert seen(engine.ready) == [high.ref.task, old.ref.task, late.ref.task]


@pytest.mark.parametrize(
    "order", [Order(Mode.AGING), Order(shards=1), Order(shards=16), Order(Mode.AGING, shards=2)]
)
def test_what_waits_under_old_settings_is_moved_by_the_sweeper(
    deployment: Deployment, order: Order
) -> None:
    made = []
    for name in ("p1", "p10", "p5", "p9", "p1"):
        made.append(submit(deployment.engine, name).task)
        deployment.clock.advance(SECOND)
    changed = under(deployment.engine, order)
    deployment.clock.advance(MINUTE)

    replace(deployment, engine=changed).sweep()

    assert seen(changed.ready) == [
        each.ref.task for each in sorted(made, key=lambda each: order.rank(each))
    ]


def test_a_task_stays_out_of_the_index_until_its_time_has_come(deployment: Deployment) -> None:
    made = submit(deployment.engine, "p5").task
    later = replace(made, not_before=made.queued + MINUTE)

    assert Order().place(made)["ready_shard"] is not None
    assert Order().place(later)["ready_shard"] is None
