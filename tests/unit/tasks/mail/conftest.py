"""The applications, deployed in one process."""

from collections.abc import Iterator

import pytest

from tasks import registry
from tests.harness import Deployment, deploy


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy(registry) as deployed:
        yield deployed
