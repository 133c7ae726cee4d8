"""L8: where priorities age every task starts, however much comes that is more urgent."""

from datetime import timedelta

import pytest

from tests.simulated.deployment import Deployment
from tests.simulated.dynamodb.table import Change
from tests.simulated.time import MINUTE, SECOND
from tests.simulated.world import World
from windrow import Context, Registry, task
from windrow.model.priority import Mode

WORKERS, WORK = 2, timedelta(seconds=5)
# Two workers do a task in 2.5 seconds; one comes each 2 seconds, so the queue grows and grows.
EVERY, LOADED = 2 * SECOND, 16 * MINUTE


def registry() -> Registry:
    """Something urgent and something humble, which take the same time."""

    def work(context: Context) -> None:
        context.clock.sleep(WORK)

    return Registry([task("urgent", priority=10)(work), task("humble", priority=1)(work)])


@pytest.mark.parametrize(("mode", "starts"), [(Mode.AGING, True), (Mode.STRICT, False)])
def test_a_humble_task_starts_while_urgent_ones_keep_coming(mode: Mode, starts: bool) -> None:
    with World(3) as world:
        world.lags.index = (10, 800)
        deployment = Deployment(world, registry(), workers=WORKERS, mode=mode)
        started: list[int] = []

        def note(change: Change) -> None:
            item = change.after.item if change.after else {}
            if item.get("name") == {"S": "humble"} and item["state"] == {"S": "running"}:
                started.append(world.time.now)

        deployment.table.watchers.append(note)
        for at in range(0, LOADED, EVERY):
            world.after(at, lambda: deployment.submit("urgent"))
        world.after(MINUTE, lambda: deployment.submit("humble"))

        world.run(LOADED)

        assert bool(started) is starts
