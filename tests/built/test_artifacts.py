"""What lies in each artifact: its own code, the packages of its requirements, and no more."""

from collections.abc import Callable, Mapping
from importlib.metadata import distributions

import pytest
from packaging.utils import canonicalize_name

from tests.built.functions import FOLDERS, ROOT, Function
from tests.template import requirements

RecordProperty = Callable[[str, object], None]
# Lambda takes 250 MB unzipped, layers included; a start takes longer the more there is.
LARGEST = 100


@pytest.mark.parametrize("function", FOLDERS)
def test_a_function_with_its_layers_stays_small(
    functions: Mapping[str, Function], function: str, record_property: RecordProperty
) -> None:
    size = functions[function].size

    record_property("function", function)
    record_property("size", f"{size:.1f}")
    assert 0 < size < LARGEST


@pytest.mark.parametrize("function", FOLDERS)
def test_an_artifact_holds_the_packages_of_its_requirements_and_no_others(
    functions: Mapping[str, Function], function: str
) -> None:
    path = ROOT / "functions" / FOLDERS[function] / "requirements.txt"
    wanted = requirements.pinned(path.read_text()) if path.exists() else {}

    found = {
        each.name: each.version for each in distributions(path=[str(functions[function].code)])
    }

    assert {canonicalize_name(name): version for name, version in found.items()} == wanted


@pytest.mark.parametrize(
    "function",
    [
        name
        for name, folder in FOLDERS.items()
        if not (ROOT / "functions" / folder / "requirements.txt").exists()
    ],
)
def test_a_function_without_requirements_is_our_own_code_alone(
    functions: Mapping[str, Function], function: str
) -> None:
    assert [path.name for path in functions[function].code.iterdir()] == ["app.py"]


@pytest.mark.parametrize("function", FOLDERS)
def test_layers_hold_the_library_and_the_applications_alone(
    functions: Mapping[str, Function], function: str
) -> None:
    layers = functions[function].layers
    held = {path.name for layer in layers for path in (layer / "python").iterdir()}

    assert {"windrow"} <= held <= {"windrow", "tasks"}
