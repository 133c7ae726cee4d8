"""The tasks of the mail, deployed in one process."""

from collections.abc import Iterator

import pytest

from tasks.mail.emails import TASKS
from tests.harness import Deployment, deploy
from windrow import Registry


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy(Registry(TASKS)) as deployed:
        yield deployed
