"""A deployment with the tasks `greet` and `plain`, and a client of its native API."""

from collections.abc import Iterator

import pytest

from tests.native import Client, deploy_native


@pytest.fixture
def client() -> Iterator[Client]:
    with deploy_native() as made:
        yield made
