"""Rebuild: what the rollups must be is found out while tasks go on, and put right by adding."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import Deployment, deploy
from tests.receiver import Told
from tests.unit.engine.test_count import REGISTRY, everything, now
from tests.webhooks import TAKEN, outpost
from windrow.aws.dynamodb import encoded
from windrow.engine.cancel import cancel
from windrow.engine.list_tasks import list_tasks
from windrow.engine.rebuild import RECENT, rebuild
from windrow.engine.submit import submit
from windrow.errors import RebuildRuns
from windrow.model.figures import Row
from windrow.model.filters import Filters
from windrow.model.states import State
from windrow.model.system import WEBHOOK
from windrow.store.positions import Positions
from windrow.store.rollups import Rollups, rollup_key

HOUR = timedelta(hours=1)


def some_life(deployment: Deployment) -> None:
    """Tasks of two types that have ended, and one that waits."""
    for name in ("fine", "hopeless", "fine"):
        submit(deployment.engine, name)
    deployment.pump()
    submit(deployment.engine, "fine", delay=HOUR)


def facts(deployment: Deployment) -> dict[Any, Any]:
    """The rows of figures, without positions and marks."""
    return {
        key: row
        for key, row in everything(deployment).items()
        if not key[0].startswith(("R#positions", "R#mark"))
    }


def test_what_was_counted_well_has_no_drift() -> None:
    with deploy(REGISTRY) as deployment:
        some_life(deployment)
        deployment.count()
        before = facts(deployment)

        rebuilt = rebuild(deployment.engine, "default")

        assert rebuilt.drifts == ()
        assert rebuilt.tasks == 4
        assert rebuilt.rows > 6
        assert facts(deployment) == before


def test_windrows_own_tasks_are_no_drift_whatever_became_of_them() -> None:
    with outpost(TAKEN, Told.plain(400)) as post:
        engine = post.deployment.engine
        post.register()
        for _ in ("taken", "refused"):
            post.done()
            post.settle()
        submit(engine, "fine")
        post.done()  # both are told of, and neither delivery is made yet
        waiting = list_tasks(engine, Filters(name=WEBHOOK, states=frozenset({State.QUEUED}))).tasks
        cancel(engine, waiting[0].ref)
        post.deployment.count()
        before = now(post.deployment)

        rebuilt = rebuild(engine, "default")

        assert before[WEBHOOK] == dict.fromkeys(("succeeded", "failed", "cancelled", "queued"), 1)
        assert rebuilt.drifts == ()
        assert rebuilt.tasks == 8
        assert now(post.deployment) == before


@pytest.mark.parametrize("age", [timedelta(), timedelta(hours=20)])
def test_what_nobody_has_counted_yet_is_no_drift(age: timedelta) -> None:
    with deploy(REGISTRY) as deployment:
        some_life(deployment)
        deployment.count()
        (waiting,) = (each for each in deployment.engine.due.everything() if each.ref.group is None)
        submit(deployment.engine, "fine")
        deployment.pump()
        deployment.clock.advance(age)
        cancel(deployment.engine, waiting.ref)

        rebuilt = rebuild(deployment.engine, "default")
        deployment.count()

        assert rebuilt.drifts == ()
        assert now(deployment) == {
            "fine": {"succeeded": 3, "cancelled": 1},
            "hopeless": {"failed": 1},
        }


@pytest.mark.parametrize("is_old", [False, True])
def test_what_is_wrong_is_shown_and_put_right(is_old: bool) -> None:
    with deploy(REGISTRY) as deployment:
        some_life(deployment)
        deployment.count()
        right = facts(deployment)
        table = deployment.engine.records.table
        for key, row in right.items():
            place = {"PK": {"S": key[0]}, "SK": {"S": key[1]}}
            if key == ("R#default#now", "fine"):
                wrong = {**row, "succeeded": {"N": "7"}, "running": {"N": "-1"}}
                put = {"TableName": table, "Item": wrong}
                deployment.engine.aws.call("dynamodb", "PutItem", put)
            elif "hopeless" in key[1]:
                deployment.engine.aws.call(
                    "dynamodb", "DeleteItem", {"TableName": table, "Key": place}
                )
        if is_old:
            deployment.clock.advance(2 * RECENT)

        shown = rebuild(deployment.engine, "default", mend=False)
        mended = rebuild(deployment.engine, "default")
        again = rebuild(deployment.engine, "default")

        assert shown.drifts == mended.drifts
        assert not shown.is_mended
        assert again.drifts == ()
        assert now(deployment)["fine"] == {"succeeded": 2, "queued": 1}
        assert ("R#default#now", "hopeless") in facts(deployment)
        errors = [row for key, row in facts(deployment).items() if "#errors#" in key[0]]
        assert [row["kind"] for row in errors] == [{"S": "Hopeless"}]


def test_what_is_counted_meanwhile_is_not_lost() -> None:
    with deploy(REGISTRY) as deployment:
        some_life(deployment)
        deployment.count()
        for row in _rows(deployment):
            put = {"TableName": deployment.engine.records.table}
            item = encoded({**rollup_key(row), "succeeded": 40})
            deployment.engine.aws.call("dynamodb", "PutItem", {**put, "Item": item})
        _when(deployment, "BatchGetItem", _finish)

        rebuild(deployment.engine, "default")
        deployment.count()

        assert now(deployment)["fine"] == {"succeeded": 3, "queued": 1}
        assert rebuild(deployment.engine, "default").drifts == ()


def test_a_rebuild_that_dies_at_any_call_leaves_nothing_that_the_next_one_does_not_mend() -> None:
    calls = 0
    while True:
        with deploy(REGISTRY) as deployment:
            some_life(deployment)
            deployment.count()
            rows = list(_rows(deployment))
            for row in rows:
                put = {"TableName": deployment.engine.records.table}
                item = encoded({**rollup_key(row), "succeeded": 40})
                deployment.engine.aws.call("dynamodb", "PutItem", {**put, "Item": item})
            deployment.port.plan("killed after", "", skip=calls)
            try:
                rebuild(deployment.engine, "default")
            except GeneratorExit:
                deployment.clock.advance(timedelta(hours=7))
                deployment.port.faults.clear()
                rebuild(deployment.engine, "default")
                deployment.count()
                assert rebuild(deployment.engine, "default").drifts == ()
            else:
                break
            assert now(deployment)["fine"] == {"succeeded": 2, "queued": 1}
        calls += 1
    assert calls > 20


def test_two_rebuilds_do_not_meet() -> None:
    with deploy(REGISTRY) as deployment:
        positions = Positions(deployment.engine.aws, deployment.engine.records.table)
        clock = deployment.clock
        positions.hold("rebuild", "another", clock.now() + HOUR, clock.now())

        with pytest.raises(RebuildRuns):
            rebuild(deployment.engine, "default")


def test_nothing_is_scanned() -> None:
    with deploy(REGISTRY) as deployment:
        some_life(deployment)
        deployment.count()
        rebuild(deployment.engine, "default")

        assert not deployment.port.count("Scan")


def _rows(deployment: Deployment) -> list[Row]:
    engine = deployment.engine
    return [
        row
        for row in Rollups(engine.aws, engine.records.table).now("default")
        if row.name == "fine"
    ]


def _finish(deployment: Deployment) -> None:
    submit(deployment.engine, "fine")
    deployment.pump()
    deployment.count()


def _when(deployment: Deployment, operation: str, act: Callable[[Deployment], None]) -> None:
    """Let something happen before the first call of this operation."""
    whole = deployment.port.inner.call
    has_acted = False

    def call(service: str, called: str, parameters: Any) -> Any:
        nonlocal has_acted
        if called == operation and not has_acted:
            has_acted = True
            act(deployment)
        return whole(service, called, parameters)

    deployment.port.inner.call = call  # type: ignore[method-assign, assignment]
