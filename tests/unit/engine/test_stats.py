"""Figures about work, and that they cost the same however much work there is."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.clock import EPOCH
from tests.harness import Deployment, deploy
from tests.unit.engine.test_count import REGISTRY
from tests.webhooks import TAKEN, outpost
from windrow.engine.cancel import cancel
from windrow.engine.stats import Stats, TypeStats, peak, stats
from windrow.engine.stats_shown import shown
from windrow.engine.submit import submit
from windrow.errors import InvalidOption
from windrow.model.figures import Kind, Row
from windrow.model.system import WEBHOOK

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def of(found: Stats, name: str) -> TypeStats:
    (each,) = (each for each in found.types if each.name == name)
    return each


def test_what_happened_and_how_things_stand() -> None:
    with deploy(REGISTRY) as deployment:
        for name in ("fine", "fine", "hopeless"):
            submit(deployment.engine, name)
        deployment.clock.advance(3 * SECOND)
        deployment.pump()
        later = submit(deployment.engine, "fine", delay=HOUR)
        cancel(deployment.engine, later.task.ref)
        deployment.count()

        found = stats(deployment.engine, "default")

        fine = of(found, "fine")
        assert fine.states == {
            "queued": 0,
            "running": 0,
            "succeeded": 2,
            "failed": 0,
            "cancelled": 1,
        }
        assert fine.events["submitted"] == 3
        assert 2.7 < fine.waited["p50"].total_seconds() < 5.5
        assert 1.8 < fine.took["p99"].total_seconds() < 2.2
        assert fine.peak == 1
        (reason,) = found.errors
        assert (reason.count, reason.sample.kind) == (1, "Hopeless")
        assert sum(events["failed"] for _, events in found.series) == 1


def test_windrows_own_tasks_are_shown_and_in_no_sum() -> None:
    with outpost(TAKEN) as post:
        post.register()
        post.done()
        post.deployment.count()

        found = stats(post.deployment.engine, "default")

        assert of(found, WEBHOOK).is_system
        assert of(found, WEBHOOK).states["queued"] == 1
        assert found.queued == 0
        assert sum(events["submitted"] for _, events in found.series) == 1


def test_the_oldest_that_waits_is_found_whatever_its_priority() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine", priority=2)
        deployment.clock.advance(5 * SECOND)
        submit(deployment.engine, "fine", priority=9)
        submit(deployment.engine, "fine", delay=HOUR)
        deployment.count()

        found = stats(deployment.engine, "default")

        assert found.queued == 3
        assert found.oldest is not None
        assert found.at - found.oldest == 5 * SECOND


def test_a_consumer_that_has_stopped_shows_in_the_lag() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        deployment.count()
        current = stats(deployment.engine, "default").lag
        deployment.clock.advance(HOUR)
        idle = stats(deployment.engine, "default").lag
        submit(deployment.engine, "fine")
        deployment.clock.advance(600 * SECOND)
        behind = stats(deployment.engine, "default").lag

        assert current == idle == timedelta()
        assert behind == 600 * SECOND


def test_before_anything_there_is_nothing() -> None:
    with deploy(REGISTRY) as deployment:
        found = stats(deployment.engine, "default")

        assert (found.types, found.series, found.errors) == ((), (), ())
        assert (found.counted, found.oldest, found.lag) == (None, None, timedelta())


def test_beyond_three_hours_hours_are_shown() -> None:
    with deploy(REGISTRY) as deployment:
        submit(deployment.engine, "fine")
        deployment.pump()
        deployment.count()
        deployment.clock.advance(30 * HOUR)

        hours = stats(deployment.engine, "default", minutes=48 * 60)
        minutes = stats(deployment.engine, "default", minutes=180)

        assert hours.step == HOUR
        assert [events["succeeded"] for _, events in hours.series] == [1]
        assert of(hours, "fine").peak is None
        assert minutes.series == ()
        assert of(minutes, "fine").states["succeeded"] == 1


@pytest.mark.parametrize("minutes", [0, -1, 31 * 24 * 60 + 1])
def test_a_window_has_its_bounds(minutes: int) -> None:
    with deploy(REGISTRY) as deployment, pytest.raises(InvalidOption, match="minutes"):
        stats(deployment.engine, "default", minutes=minutes)


def test_a_peak_is_counted_back_from_what_runs_now() -> None:
    rows = [
        (_minute(0), Counter({"c10": 3, "c20": -1})),
        (_minute(1), Counter({"c5": 2, "c50": -3, "w12": 9})),
    ]

    # Before it 1 ran; then 4, 3, 5, 2.
    assert peak(rows, running=2, started=3) == 5


def test_what_starts_and_ends_within_a_second_is_one_at_least() -> None:
    assert peak([(_minute(0), Counter({"started": 7}))], running=0, started=7) == 1
    assert peak([], running=0, started=0) == 0


def test_figures_of_a_thousand_tasks_cost_what_those_of_ten_do() -> None:
    def calls(count: int) -> tuple[Counter[str], float]:
        with deploy(REGISTRY) as deployment:
            for number in range(count):
                submit(deployment.engine, "fine", key=f"task-{number}")
            deployment.count()
            services = deployment.hints.inner
            meter = services.dynamodb.meter  # type: ignore[attr-defined]
            before, made = meter.reads, len(deployment.port.calls)
            shown(stats(deployment.engine, "default"))
            called = Counter(operation for operation, _ in deployment.port.calls[made:])
            return called, meter.reads - before

    few, many = calls(10), calls(1000)

    assert set(many[0]) == {"Query", "GetItem"}
    assert many[0] == few[0]
    assert many[1] == few[1]


def test_what_is_shown_has_no_nulls() -> None:
    with deploy(REGISTRY) as deployment:
        _lived(deployment)
        body = shown(stats(deployment.engine, "default"))

        assert None not in _values(body)
        assert {each["task"] for each in body["types"]} == {"fine", "hopeless"}
        assert body["errors"][0]["message"] == "Letter # cannot be delivered."


def _lived(deployment: Deployment) -> None:
    submit(deployment.engine, "fine")
    submit(deployment.engine, "hopeless")
    deployment.pump()
    deployment.count()


def _values(body: object) -> list[object]:
    if isinstance(body, dict):
        return [leaf for each in body.values() for leaf in _values(each)]
    if isinstance(body, list):
        return [leaf for each in body for leaf in _values(each)]
    return [body]


def _minute(number: int) -> Row:
    return Row("default", Kind.MINUTE, "fine", EPOCH + timedelta(minutes=number))
