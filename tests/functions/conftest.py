"""The countries deployed anew for each test: all 250 of them, or the ten that are enough mostly."""

from collections.abc import Iterator

import pytest

from tests.countries import deploy_countries, deploy_few
from tests.harness import Deployment


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy_countries() as deployed:
        yield deployed


@pytest.fixture
def few() -> Iterator[Deployment]:
    with deploy_few() as deployed:
        yield deployed
