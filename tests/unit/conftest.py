"""A deployment whose one task is the map `numbers`."""

from collections.abc import Iterator

import pytest

from tests.harness import Deployment, deploy
from tests.numbers import World, numbers


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def deployment(world: World) -> Iterator[Deployment]:
    registry, _ = numbers(world)
    with deploy(registry) as deployed:
        yield deployed
