"""The deployment that the tests of this room act on."""

from collections.abc import Iterator

import pytest

from tests.harness import Deployment, deploy
from tests.unit.engine.priority.started import Started, registry


@pytest.fixture
def started() -> Started:
    return Started()


@pytest.fixture
def deployment(started: Started) -> Iterator[Deployment]:
    with deploy(registry(started)) as deployed:
        yield deployed
