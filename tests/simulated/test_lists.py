"""Lists after a storm: every task is found, once and as it ended, whatever its writes met."""

import pytest

from tests.simulated.deployment import TENANTS, Deployment
from tests.simulated.storm import live, stormy
from tests.simulated.time import SECOND
from windrow.engine.list_tasks import list_tasks
from windrow.model.filters import Filters
from windrow.model.records import Task
from windrow.model.states import State
from windrow.store.keys import ref


def listed(deployment: Deployment, tenant: str, filters: Filters, *, limit: int) -> list[Task]:
    """Every task of every page."""
    found, cursor = list[Task](), None
    while True:
        page = list_tasks(deployment.engine, filters, tenant=tenant, limit=limit, cursor=cursor)
        found += page.tasks
        if page.cursor is None:
            return found
        cursor = page.cursor


@pytest.mark.parametrize("seed", range(3))
def test_when_a_storm_is_over_every_task_is_listed_once_as_it_ended(seed: int) -> None:
    with stormy(seed) as world:
        deployment = live(world)
        # The index is behind by up to three seconds.
        world.run(5 * SECOND)
        # Not only those that were accepted: a caller may be told that AWS did not answer.
        stored = {
            ref({"PK": partition, "SK": sort})
            for partition, sort in deployment.table.rows
            if partition.startswith("K#") and sort == "A"
        }

        assert {submission.task.ref for submission in deployment.accepted} <= stored
        for tenant in TENANTS:
            found = listed(deployment, tenant, Filters(), limit=7)
            by_state = {
                state: listed(deployment, tenant, Filters(states=frozenset({state})), limit=20)
                for state in State
            }

            assert {task.ref for task in found} == {
                each for each in stored if each.tenant == tenant
            }
            assert len({task.ref for task in found}) == len(found)
            assert found == sorted(
                found, key=lambda task: (task.created, task.ref.task), reverse=True
            )
            assert sorted(map(str, (each.ref for each in found))) == sorted(
                str(task.ref) for tasks in by_state.values() for task in tasks
            )
            assert all(task.state is state for state, tasks in by_state.items() for task in tasks)
