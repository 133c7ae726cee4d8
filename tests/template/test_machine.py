"""The template for this machine: another processor, another interpreter, the same stack."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.built.build import write_adapted
from tests.template import rules
from windrow.local.machine import Machine, UnknownProcessor, adapted
from windrow.local.template import read

PC = Machine("x86_64", "python3.12")


def test_functions_and_layers_are_built_for_the_machine(template: dict[str, Any]) -> None:
    here = adapted(template, PC)

    for function in rules.functions(here).values():
        assert function["Architectures"] == ["x86_64"]
        assert function["Runtime"] == "python3.12"
    for layer in rules.of_type(here, "AWS::Serverless::LayerVersion").values():
        assert layer["Metadata"] == {"BuildMethod": "python3.12", "BuildArchitecture": "x86_64"}
        assert layer["Properties"]["CompatibleArchitectures"] == ["x86_64"]
        assert layer["Properties"]["CompatibleRuntimes"] == ["python3.12"]


def test_a_function_that_says_otherwise_is_built_for_the_machine_too(
    template: dict[str, Any],
) -> None:
    template["Resources"]["StatusFunction"]["Properties"]["Architectures"] = ["arm64"]

    here = adapted(template, PC)

    assert rules.functions(here)["StatusFunction"]["Architectures"] == ["x86_64"]


def test_nothing_else_changes(template: dict[str, Any]) -> None:
    before = copy.deepcopy(template)

    back = adapted(adapted(template, PC), Machine("arm64", "python3.13"))

    assert back == before
    assert template == before


def test_what_is_written_reads_as_the_same_template(
    root: Path, tmp_path: Path, template: dict[str, Any]
) -> None:
    path = write_adapted(root / "template.yaml", tmp_path / "new" / "template.json", PC)

    assert read(path) == adapted(template, PC)


@pytest.mark.parametrize(
    ("processor", "architecture"),
    [("x86_64", "x86_64"), ("AMD64", "x86_64"), ("aarch64", "arm64"), ("arm64", "arm64")],
)
def test_a_processor_has_the_name_that_lambda_gives_it(
    monkeypatch: pytest.MonkeyPatch, processor: str, architecture: str
) -> None:
    monkeypatch.setattr("platform.machine", lambda: processor)

    assert Machine.here().architecture == architecture


def test_a_processor_that_lambda_does_not_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")

    with pytest.raises(UnknownProcessor, match="riscv64"):
        Machine.here()
