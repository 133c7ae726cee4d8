"""The whole stack on this machine: one for all the tests of this room.

Everything here is marked `e2e` and belongs to one xdist group, so that one worker runs it and one
stack is enough (`pytest --dist loadgroup`).
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.refreshes import Refreshes
from windrow.local.clients import Clients
from windrow.local.project import Project
from windrow.local.stack import LocalStack

ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("stack"))


@pytest.fixture(scope="session")
def project() -> Project:
    return Project.at(ROOT)


@pytest.fixture(scope="session")
def stack(project: Project) -> Iterator[LocalStack]:
    """template.yaml, deployed here: `url`, `aws_endpoint`, `outputs`, `resources`."""
    with LocalStack(project) as running:
        yield running


@pytest.fixture(scope="session")
def api(stack: LocalStack) -> Iterator[httpx.Client]:
    """An HTTP client of the deployed API."""
    with httpx.Client(base_url=stack.url, timeout=40, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def aws(stack: LocalStack) -> Clients:
    """boto3 clients of the emulator: `aws["dynamodb"].get_item(...)`."""
    return stack.clients


@pytest.fixture
def function_logs(stack: LocalStack) -> Iterator[None]:
    """What the functions logged during the test; pytest shows it when the test fails."""
    reader = stack.log_reader()
    yield
    sys.stdout.writelines(f"{line}\n" for line in reader.read())


@pytest.fixture
def refreshes(stack: LocalStack, api: httpx.Client) -> Iterator[Refreshes]:
    """The countries of the deployed stack; no refresh runs before the test, nor after it."""
    found = Refreshes(stack, api)
    found.end()
    yield found
    found.end()


@pytest.fixture
def refreshed(refreshes: Refreshes) -> Refreshes:
    """The same, with a complete refresh behind it, whichever tests ran before."""
    refreshes.complete()
    return refreshes
