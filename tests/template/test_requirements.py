"""What functions carry: packages of the lock, by hash, where they are needed and nowhere else."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.template import requirements

CARRYING = ("api", "dead_letters", "scheduler", "sweeper", "worker")
AGAIN = "Run scripts/lock."


@pytest.fixture(scope="session")
def lock(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "uv.lock").read_text())


@pytest.fixture
def text(root: Path, request: pytest.FixtureRequest) -> str:
    content: str = (root / "functions" / request.param / "requirements.txt").read_text()
    return content


def test_a_function_carries_packages_only_if_it_has_a_group(root: Path) -> None:
    files = {path.parent.name for path in (root / "functions").glob("*/requirements.txt")}

    assert files == set(requirements.groups(root / "pyproject.toml")) == set(CARRYING), AGAIN


def test_polling_carries_nothing(root: Path) -> None:
    assert [path.name for path in (root / "functions" / "status").glob("*.*")] == ["app.py"]


def test_the_layers_carry_nothing(root: Path) -> None:
    assert list((root / "layers").rglob("requirements.txt")) == []


@pytest.mark.parametrize(("text", "folder"), [(n, n) for n in CARRYING], indirect=["text"])
def test_a_function_carries_what_is_locked(
    root: Path, lock: dict[str, Any], text: str, folder: str
) -> None:
    group = requirements.groups(root / "pyproject.toml")[folder]

    assert requirements.pinned(text) == requirements.locked(lock, group), AGAIN


@pytest.mark.parametrize("text", CARRYING, indirect=True)
def test_a_package_that_is_not_the_locked_one_is_refused(lock: dict[str, Any], text: str) -> None:
    accepted = requirements.hashes(text)

    assert set(accepted) == set(requirements.pinned(text))
    for name, hashes in accepted.items():
        assert hashes == requirements.locked_hashes(lock, name), AGAIN


@pytest.mark.parametrize("text", CARRYING, indirect=True)
def test_the_sdk_comes_with_lambda(text: str) -> None:
    assert not {"boto3", "botocore"} & set(requirements.pinned(text))


def test_the_lock_is_followed_to_what_a_package_needs() -> None:
    lock = {
        "package": [
            {"name": "windrow", "dev-dependencies": {"function-x": [{"name": "web"}]}},
            {"name": "web", "version": "1", "dependencies": [{"name": "wire"}]},
            {"name": "wire", "version": "2", "dependencies": [{"name": "web"}]},
            {"name": "other", "version": "3"},
        ]
    }

    assert requirements.locked(lock, "function-x") == {"web": "1", "wire": "2"}


def test_pins_and_hashes_are_read_package_by_package() -> None:
    one, two = "sha256:" + "1" * 64, "sha256:" + "2" * 64
    text = f"""# a comment
web==1.0 \\
    --hash={one} \\
    --hash={two}
wire==2.0 ; python_full_version < '3.15' \\
    --hash={two}
"""

    assert requirements.pinned(text) == {"web": "1.0", "wire": "2.0"}
    assert requirements.hashes(text) == {"web": {one, two}, "wire": {two}}
