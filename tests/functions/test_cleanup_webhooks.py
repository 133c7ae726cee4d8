"""What somebody is still being told of stays, so that it is told whole."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tasks.cleanup import tasks as cleanup
from tests.harness import Deployment, deploy
from tests.webhooks import KEY, KEY_ARN, SETTINGS, URL
from windrow import Context, Registry, task
from windrow.engine.endpoints import Wish, change, register
from windrow.engine.submit import submit
from windrow.model.records import Task

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@task("told")
def told(context: Context) -> str:
    return "the result"


@task("untold")
def untold(context: Context) -> None: ...


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy(Registry([told, untold, *cleanup.tasks]), settings=SETTINGS) as deployed:
        deployed.services.secrets.secrets[KEY_ARN] = KEY
        yield deployed


def done(deployment: Deployment, name: str, **options: Any) -> Task:
    submitted = submit(deployment.engine, name, **options)
    deployment.pump()
    return deployment.task(submitted.task.ref.task)


def removed(deployment: Deployment) -> int:
    result = json.loads(done(deployment, "cleanup.remove_old_tasks").result or "")
    count: int = result["removed"]
    return count


def test_a_task_that_an_endpoint_is_told_of_stays_for_as_long_as_that_is_tried(
    deployment: Deployment,
) -> None:
    register(deployment.engine, "default", Wish(url=URL, tasks=["told"]))
    done(deployment, "told")
    done(deployment, "untold")
    deployment.clock.advance(2 * DAY)

    assert removed(deployment) == 1
    deployment.clock.advance(DAY + HOUR)
    # With it goes the first task that cleaned up.
    assert removed(deployment) == 2


def test_so_does_a_task_whose_submission_named_an_endpoint(deployment: Deployment) -> None:
    endpoint = register(deployment.engine, "default", Wish(url=URL, tasks=[])).endpoint.id
    done(deployment, "told", webhook=endpoint)
    deployment.clock.advance(2 * DAY)

    assert removed(deployment) == 0


def test_an_endpoint_that_is_told_nothing_keeps_nothing(deployment: Deployment) -> None:
    endpoint = register(deployment.engine, "default", Wish(url=URL)).endpoint.id
    done(deployment, "told")
    change(deployment.engine, "default", endpoint, Wish(is_disabled=True))
    deployment.clock.advance(2 * DAY)

    assert removed(deployment) == 1
