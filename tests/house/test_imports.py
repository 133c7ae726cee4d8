"""The directions of imports: the house keeps them, and the check bites where one is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("layers/windrow/python/windrow", "layers/tasks/python/tasks")

# A line that breaks each contract of pyproject.toml, and the module that it is planted in.
BREACHES = {
    "Imports point down": ("windrow/model/states.py", "import windrow.engine.submit"),
    "The library never imports the applications": ("windrow/engine/run.py", "import tasks"),
    "Only the port, the launcher and the CLI know boto3": (
        "windrow/store/records.py",
        "import boto3",
    ),
    "The polling path stays lean": ("tasks/status.py", "import pydantic"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a copy of the layers, with the contracts of this project."""
    paths = [str(folder / "windrow"), str(folder / "tasks")]
    program = "import sys; from importlinter.cli import lint_imports_command as c; c()"
    return subprocess.run(
        [sys.executable, "-c", program, "--config", str(ROOT / "pyproject.toml"), "--no-cache"],
        env={"PYTHONPATH": ":".join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The two layers, where they can be broken."""
    for source in LAYERS:
        name = Path(source).name
        shutil.copytree(
            ROOT / source, tmp_path / name / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


def test_the_house_keeps_its_contracts(copy: Path) -> None:
    result = lint(copy)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("contract", BREACHES)
def test_a_broken_contract_is_found(contract: str, copy: Path) -> None:
    module, line = BREACHES[contract]
    package = module.partition("/")[0]
    path = copy / package / module
    path.write_text(f"{path.read_text()}\n{line}\n")

    result = lint(copy)

    assert result.returncode != 0
    assert f"{contract} BROKEN" in result.stdout


def test_a_room_that_no_contract_knows_is_found(copy: Path) -> None:
    (copy / "windrow/windrow/helpers.py").write_text('"""A room without a floor."""\n')

    result = lint(copy)

    assert result.returncode != 0
    assert "helpers" in result.stdout


def test_every_contract_has_a_breach_of_its_own() -> None:
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}

    assert contracts == set(BREACHES)
