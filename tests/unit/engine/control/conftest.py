"""The deployment that the tests of this room act on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy
from windrow import Context, Registry, task


@pytest.fixture
def ran() -> list[str]:
    return []


@pytest.fixture
def plain(ran: list[str]) -> Iterator[Deployment]:
    @task("plain")
    def work(context: Context) -> None:
        ran.append(context.task_id)

    @task("other", pool="long", deadline=timedelta(hours=3))
    def other(context: Context) -> None:
        ran.append(context.task_id)

    with deploy(Registry([work, other])) as deployed:
        yield deployed
