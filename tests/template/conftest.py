"""The project's files as the tests of this room read them."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.template.transform import transformed as transform
from windrow.local.template import read

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def _read_once() -> dict[str, Any]:
    return read(ROOT / "template.yaml")


@pytest.fixture
def template(_read_once: dict[str, Any]) -> dict[str, Any]:
    """template.yaml as plain data; a copy, so that a test may break it."""
    return copy.deepcopy(_read_once)


@pytest.fixture(scope="session")
def transformed(_read_once: dict[str, Any]) -> dict[str, Any]:
    """What AWS's SAM transform makes of it, here and offline."""
    return transform(_read_once)
