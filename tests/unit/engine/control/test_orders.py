"""Orders: drains, stops, and who knows of them when."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.harness import Deployment
from tests.unit.engine.control.beside import deploy_beside
from windrow.engine.cancel import cancel
from windrow.engine.control import drain, pause, resume
from windrow.engine.engine import Engine
from windrow.engine.retry_again import retry_again
from windrow.engine.submit import submit
from windrow.errors import Draining, UnknownPool
from windrow.model.modes import Mode, Modes
from windrow.telemetry.metrics import Metric

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def test_an_order_whose_answer_is_lost_is_given_twice_and_holds_once(plain: Deployment) -> None:
    plain.port.plan("answer lost", "UpdateItem")

    assert pause(plain.engine, "default").of("default").since == plain.clock.now()
    assert pause(plain.engine, "default").of("default").mode is Mode.PAUSE


def test_a_draining_pool_refuses_tasks_and_writes_nothing(plain: Deployment) -> None:
    drain(plain.engine, "default")
    writes = plain.port.count("PutItem")

    with pytest.raises(Draining) as refused:
        submit(plain.engine, "plain")

    assert refused.value.retry_after == MINUTE
    assert plain.port.count("PutItem") == writes
    assert plain.hints.messages == []
    assert submit(plain.engine, "other").is_new


def test_a_draining_pool_runs_what_waits_until_nothing_is_left(
    plain: Deployment, ran: list[str]
) -> None:
    accepted = [submit(plain.engine, "plain").task.ref.task for _ in range(3)]
    plain.hints.lose()
    drain(plain.engine)

    plain.run_for(3 * MINUTE)

    assert sorted(ran) == sorted(accepted)


def test_an_order_reaches_a_process_within_five_seconds_and_costs_one_read(
    plain: Deployment, ran: list[str]
) -> None:
    submit(plain.engine, "plain")
    other = deploy_beside(plain)
    pause(other)
    submit(plain.engine, "plain")
    before = plain.port.count("GetItem")
    plain.pump()
    assert len(ran) == 2
    assert plain.port.count("GetItem") == before + 2, "the two tasks, and nothing else"

    plain.clock.advance(5 * SECOND)
    submit(plain.engine, "plain")
    plain.pump()

    assert len(ran) == 2


def test_an_order_given_twice_keeps_its_first_time(plain: Deployment) -> None:
    first = pause(plain.engine, "default").of("default").since
    plain.clock.advance(MINUTE)

    again = pause(plain.engine, "default").of("default")

    assert again.since == first
    assert again.mode is Mode.PAUSE


def test_a_drain_and_then_a_pause_stop_a_pool(plain: Deployment) -> None:
    drain(plain.engine, "default")

    modes = pause(plain.engine, "default")

    assert modes.of("default").mode is Mode.STOP
    assert modes.of("long").mode is Mode.RUN


def test_a_drain_takes_a_pause_back_for_it_would_never_end(plain: Deployment) -> None:
    pause(plain.engine, "default")

    modes = drain(plain.engine, "default")

    assert modes.of("default").mode is Mode.DRAIN


def test_an_order_for_all_pools_is_not_taken_back_for_one(plain: Deployment) -> None:
    pause(plain.engine)

    modes = resume(plain.engine, "default")

    assert modes.of("default").mode is Mode.PAUSE


def test_a_resume_of_all_takes_back_every_order(plain: Deployment) -> None:
    pause(plain.engine)
    drain(plain.engine, "long")

    modes = resume(plain.engine)

    assert {modes.of(pool).mode for pool in ("default", "long")} == {Mode.RUN}


@pytest.mark.parametrize("verb", [pause, drain, resume])
def test_a_pool_that_is_not_there_is_named(
    plain: Deployment, verb: Callable[[Engine, str], Modes]
) -> None:
    with pytest.raises(
        UnknownPool, match=r"'defalt': say one of default, .*\(did you mean default\?\)"
    ):
        verb(plain.engine, "defalt")


def test_what_was_known_last_holds_while_the_item_cannot_be_read(
    plain: Deployment, ran: list[str]
) -> None:
    pause(plain.engine)
    submit(plain.engine, "plain")
    plain.clock.advance(6 * SECOND)
    plain.port.plan("refused", "GetItem", times=100, Key="CTL")

    plain.pump()

    assert ran == []
    assert "control.unread" in plain.telemetry.verbs()


def test_a_process_that_never_knew_any_order_takes_it_that_all_pools_run(
    plain: Deployment, ran: list[str]
) -> None:
    plain.port.plan("refused", "GetItem", times=100, Key="CTL")
    submit(plain.engine, "plain")

    plain.pump()

    assert len(ran) == 1
    assert plain.telemetry.verbs().count("control.unread") == 1, "one call in five seconds"


def test_a_sweep_says_how_long_the_oldest_order_has_held(plain: Deployment) -> None:
    plain.sweep()
    assert Metric.HALTED_SECONDS not in plain.telemetry.counts
    drain(plain.engine, "long")
    plain.clock.advance(MINUTE)
    pause(plain.engine)
    plain.clock.advance(MINUTE)

    plain.sweep()

    assert plain.telemetry.counts[Metric.HALTED_SECONDS] == 120


def test_a_draining_pool_lets_nothing_begin_again(plain: Deployment) -> None:
    ref = submit(plain.engine, "plain").task.ref
    cancelled = cancel(plain.engine, ref)
    drain(plain.engine)

    with pytest.raises(Draining):
        retry_again(plain.engine, ref)

    assert plain.task(ref.task) == cancelled
