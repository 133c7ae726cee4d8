"""samconfig.toml: three environments, each closed, each linted, none with an account in it."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.fixture
def text(root: Path) -> str:
    return (root / "samconfig.toml").read_text()


@pytest.fixture
def config(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


@pytest.mark.parametrize("name", ["default", *ENVIRONMENTS])
def test_builds_are_cached_and_parallel_and_validation_lints(
    config: dict[str, Any], name: str
) -> None:
    assert config[name]["build"]["parameters"] == {"cached": True, "parallel": True}
    assert config[name]["validate"]["parameters"] == {"lint": True}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_says_who_may_call_and_nobody_else_may(
    config: dict[str, Any], template: dict[str, Any], name: str
) -> None:
    overrides = parameters(config, name)

    assert overrides["Auth"] == "iam"
    assert set(overrides) <= set(template["Parameters"])
    for parameter, value in overrides.items():
        allowed = template["Parameters"][parameter].get("AllowedValues")
        assert allowed is None or value in map(str, allowed)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_has_its_own_stack(config: dict[str, Any], name: str) -> None:
    deploy = config[name]["deploy"]["parameters"]

    assert deploy["stack_name"] == f"windrow-{name}"
    assert deploy["capabilities"] == "CAPABILITY_IAM"
    assert deploy["resolve_s3"] is True
    assert f"environment={name}" in deploy["tags"]


def test_only_production_asks_before_it_changes(config: dict[str, Any]) -> None:
    asks = {
        name: config[name]["deploy"]["parameters"]["confirm_changeset"] for name in ENVIRONMENTS
    }

    assert asks == {"dev": False, "staging": False, "prod": True}


def test_deploying_without_an_environment_leaves_auth_to_be_said(config: dict[str, Any]) -> None:
    assert "parameter_overrides" not in config["default"]["deploy"]["parameters"]


def test_a_section_of_sync_names_its_stack_and_allows_the_transform(
    config: dict[str, Any],
) -> None:
    sections = {
        name: config[name]["sync"]["parameters"]
        for name in ("default", *ENVIRONMENTS)
        if "sync" in config[name]
    }

    assert sections
    for name, sync in sections.items():
        assert sync["stack_name"] == config[name]["deploy"]["parameters"]["stack_name"]
        assert set(sync["capabilities"].split()) == {"CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"}
        assert (
            sync["parameter_overrides"]
            == config[name]["deploy"]["parameters"]["parameter_overrides"]
        )


def test_no_section_serves_an_api_that_sam_cannot_find(config: dict[str, Any]) -> None:
    assert not any("local_start_api" in config[name] for name in ("default", *ENVIRONMENTS))


def test_there_is_no_account_and_no_secret_in_it(text: str) -> None:
    assert not re.search(r"\d{12}|arn:|AKIA|secret_", text)


def parameters(config: dict[str, Any], name: str) -> dict[str, str]:
    overrides = config[name]["deploy"]["parameters"]["parameter_overrides"]
    return dict(pair.split("=") for pair in overrides.split())
