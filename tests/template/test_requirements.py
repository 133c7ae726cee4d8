"""What functions carry: packages of the lock, by hash, where they are needed and nowhere else."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.template import requirements

CARRYING = (
    "api",
    "articles",
    "dead_letters",
    "mail",
    "reports",
    "scheduler",
    "stream",
    "sweeper",
    "worker",
)
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
def test_what_a_function_carries_can_be_loaded_on_arm64(lock: dict[str, Any], text: str) -> None:
    without = [
        name for name in requirements.pinned(text) if not requirements.deployable(lock, name)
    ]

    assert without == [], "No wheel for Lambda: the build here works, and the one for arm64 fails."


@pytest.mark.parametrize(
    ("wheel", "is_deployable"),
    [
        ("web-1.0-py3-none-any.whl", True),
        ("web-1.0-cp313-cp313-manylinux_2_28_aarch64.whl", True),
        ("web-1.0-cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64.whl", True),
        ("web-1.0-cp39-abi3-manylinux_2_28_aarch64.whl", True),
        ("web-1.0-cp313-cp313-manylinux_2_28_x86_64.whl", False),
        ("web-1.0-cp312-cp312-manylinux_2_28_aarch64.whl", False),
        ("web-1.0-cp313-cp313t-manylinux_2_28_aarch64.whl", False),
        ("web-1.0-cp313-cp313-musllinux_1_2_aarch64.whl", False),
        ("web-1.0-cp313-cp313-manylinux_2_39_aarch64.whl", False),
    ],
)
def test_a_wheel_is_for_lambda_if_its_python_processor_and_c_library_are(
    wheel: str, is_deployable: bool
) -> None:
    lock = {"package": [{"name": "web", "wheels": [{"url": f"https://files.example/{wheel}"}]}]}

    assert bool(requirements.deployable(lock, "web")) == is_deployable


@pytest.mark.parametrize("text", CARRYING, indirect=True)
def test_the_sdk_comes_with_lambda(text: str) -> None:
    assert not {"boto3", "botocore"} & set(requirements.pinned(text))


def test_the_lock_is_followed_to_what_a_package_needs() -> None:
    lock = {
        "package": [
            {"name": "windrow", "dev-dependencies": {"function-x": [{"name": "web"}]}},
            {"name": "web", "version": "1", "dependencies": [{"name": "wire", "extra": ["tls"]}]},
            {
                "name": "wire",
                "version": "2",
                "dependencies": [{"name": "web"}],
                "optional-dependencies": {"tls": [{"name": "keys"}], "idle": [{"name": "other"}]},
            },
            {"name": "other", "version": "3"},
            {"name": "keys", "version": "4"},
        ]
    }

    assert requirements.locked(lock, "function-x") == {
        "web": "1",
        "wire": "2",
        "keys": "4",
    }


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
