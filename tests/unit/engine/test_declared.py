"""`@task(schedule=...)`: a deployment makes the schedules what the code says."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import Deployment, deploy
from tests.rings import Rings
from windrow import Context, Registry, Schedule, task
from windrow.engine import schedules
from windrow.engine.declared import reconcile, sync_all
from windrow.engine.engine import Engine
from windrow.errors import DeclaredInCode, DefinitionError, NoSchedule
from windrow.lambdas.scheduler import answer
from windrow.model.ref import ScheduleRef
from windrow.model.scheduled import Standing
from windrow.store.timers import name

DAILY = Schedule(cron="0 6 * * *")


def registry(*said: Schedule, called: str = "clean") -> Registry:
    @task(called, schedule=list(said))
    def declared(context: Context) -> None: ...

    return Registry([declared])


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with ExitStack() as exits:
        yield exits.enter_context(deploy(registry(DAILY)))


def with_code(deployment: Deployment, *said: Schedule, called: str = "clean") -> Engine:
    """The engine of the next version of the code, on the same tables."""
    return replace(deployment.engine, registry=registry(*said, called=called))


def ids(engine: Engine) -> list[str]:
    return [each.ref.id for each in schedules.standing(engine, "default")]


def test_a_deployment_makes_changes_and_removes(deployment: Deployment) -> None:
    first = reconcile(deployment.engine)
    second = reconcile(with_code(deployment, Schedule(cron="0 7 * * *")))
    third = reconcile(with_code(deployment, Schedule(id="b", cron="0 8 * * *")))
    again = reconcile(with_code(deployment, Schedule(id="b", cron="0 8 * * *")))

    assert (first.made, first.changed, first.removed) == (("clean",), (), ())
    assert (second.made, second.changed, second.removed) == ((), ("clean",), ())
    assert (third.made, third.changed, third.removed) == (("b",), (), ("clean",))
    assert (again.made, again.changed, again.removed) == ((), (), ())
    assert [key[1] for key in deployment.services.scheduler.schedules] == ["s.default.b"]


def test_the_event_of_a_deployment_does_it(deployment: Deployment) -> None:
    answer(deployment.engine, {"schedule": "sync"})

    assert ids(deployment.engine) == ["clean"]


def test_a_tick_does_it_when_no_event_came(deployment: Deployment) -> None:
    Rings(deployment).pass_time(timedelta(minutes=6))

    assert ids(deployment.engine) == ["clean"]


def test_a_tick_that_finds_nothing_to_do_costs_two_reads(deployment: Deployment) -> None:
    reconcile(deployment.engine)
    before = len(deployment.port.calls)

    answer(deployment.engine, {"schedule": "tick"})

    assert [called for called, _ in deployment.port.calls[before:]] == ["Query", "GetItem"]


def test_what_is_paused_stays_so_when_it_is_changed(deployment: Deployment) -> None:
    reconcile(deployment.engine)
    schedules.pause(deployment.engine, ScheduleRef("default", "clean"))

    engine = with_code(deployment, Schedule(cron="0 7 * * *"))
    reconcile(engine)

    seen = schedules.read(engine, ScheduleRef("default", "clean"))
    assert (seen.standing, seen.timing.cron) == (Standing.PAUSED, "0 7 * * *")


def test_one_that_was_made_by_hand_is_left_to_who_made_it(deployment: Deployment) -> None:
    ref = ScheduleRef("default", "clean")
    schedules.create(deployment.engine, "clean", Schedule(id="clean", cron="5 5 * * *"))

    done = reconcile(deployment.engine)

    assert done.refused == ("clean",)
    assert schedules.read(deployment.engine, ref).timing.cron == "5 5 * * *"


def test_a_declared_one_is_not_changed_by_hand(deployment: Deployment) -> None:
    reconcile(deployment.engine)
    ref = ScheduleRef("default", "clean")

    with pytest.raises(DeclaredInCode):
        schedules.change(deployment.engine, ref, {"cron": "5 5 * * *"})
    with pytest.raises(DeclaredInCode):
        schedules.remove(deployment.engine, ref)


def test_a_schedule_may_go_on_with_another_task(deployment: Deployment) -> None:
    reconcile(with_code(deployment, Schedule(id="x", cron="0 6 * * *")))

    engine = with_code(deployment, Schedule(id="x", cron="0 6 * * *"), called="other")
    reconcile(engine)

    assert schedules.read(engine, ScheduleRef("default", "x")).task == "other"


def test_strays_are_removed_and_lost_clocks_are_set_again(deployment: Deployment) -> None:
    engine = deployment.engine
    reconcile(engine)
    clocks = deployment.services.scheduler.schedules
    (said,) = clocks.values()
    clocks.clear()
    clocks["windrow", "s.default.stray"] = said | {"Name": "s.default.stray"}
    clocks["windrow", "s.other.theirs"] = said | {"Name": "s.other.theirs"}

    strays = sync_all(engine, "default")

    assert strays == ("s.default.stray",)
    assert {called for _, called in clocks} == {"s.default.clean", "s.other.theirs"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"schedule": "0 6 * * *"}, "a Schedule, or a list of Schedules"),
        ({"schedule": [DAILY, DAILY]}, "needs an id of its own"),
        ({"schedule": Schedule(cron="0 6 * * *", params={"x": 1})}, "x: no field of this name"),
    ],
)
def test_what_could_not_be_made_fails_at_import(options: dict[str, Any], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        task("wrong", **options)(lambda context: None)


def test_two_tasks_cannot_have_one_schedule() -> None:
    one = task("one", schedule=Schedule(id="x", cron="0 6 * * *"))(lambda context: None)
    two = task("two", schedule=Schedule(id="x", cron="0 6 * * *"))(lambda context: None)

    with pytest.raises(DefinitionError, match="'x'"):
        Registry([one, two])


def test_what_the_code_no_longer_names_is_gone(deployment: Deployment) -> None:
    reconcile(deployment.engine)

    reconcile(with_code(deployment))

    with pytest.raises(NoSchedule):
        schedules.read(deployment.engine, ScheduleRef("default", "clean"))


def test_names_of_clocks_are_short_and_one_tenants() -> None:
    long = name(ScheduleRef("t" * 64, "x" * 64))

    assert name(ScheduleRef("default", "a.b")) == "s.default.a.b"
    assert len(long) <= 64
    assert long != name(ScheduleRef("t" * 64, "x" * 63 + "y"))
    assert long[:20] != name(ScheduleRef("u" * 64, "x" * 64))[:20]
