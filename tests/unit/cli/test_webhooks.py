"""`windrow webhooks`: receivers are registered, tried and looked after from a terminal."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Deployment
from tests.unit.cli.account import stack, typed
from tests.webhooks import KEY, KEY_ARN, REGISTRY, SETTINGS, URL
from windrow.cli import commands


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    monkeypatch.setattr(commands, "_registry", lambda *_: REGISTRY)
    with stack(tmp_path, monkeypatch, REGISTRY, SETTINGS) as made:
        made.services.secrets.secrets[KEY_ARN] = KEY
        yield made


def added(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[str, str]:
    """The id and the secret of a new endpoint."""
    assert typed(" ".join(["webhooks add", URL, *options])) == 0
    endpoint, secret, *_ = capsys.readouterr().out.splitlines()
    return endpoint, secret


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    assert typed("webhooks list --json") == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_a_receiver_is_added_and_listed_without_its_secret(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint, secret = added(capsys, "--tasks fine,wordy", "--states failed")

    (found,) = listed(capsys)
    assert secret.startswith("whsec_")
    assert (found["id"], found["url"]) == (endpoint, URL)
    assert (found["tasks"], found["states"]) == (["fine", "wordy"], ["failed"])
    assert not [name for name in found if "salt" in name]


def test_a_receiver_is_disabled_enabled_and_removed(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint, _ = added(capsys)

    said = []
    for verb in ("disable", "enable", "remove"):
        assert typed(f"webhooks {verb} {endpoint}") == 0
        said.append(capsys.readouterr().out.strip())

    assert said[:2] == ["It is disabled, by its owner.", "It is told."]
    assert listed(capsys) == []


def test_a_secret_is_rotated(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint, secret = added(capsys)

    assert typed(f"webhooks rotate {endpoint}") == 0

    same, another, *_ = capsys.readouterr().out.splitlines()
    assert same == endpoint
    assert another != secret


def test_a_receiver_is_tried(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint, _ = added(capsys)

    assert typed(f"webhooks test {endpoint}") == 0
    assert typed(f"webhooks deliveries {endpoint} --json") == 0

    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("Task ")
    assert json.loads("".join(line for line in rest if line in ("[]", "[", "]"))) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("webhooks add http://hooks.example/", "url must be"),
        ("webhooks add https://127.0.0.1/", "url must be"),
        (f"webhooks add {URL} --tasks unknown", "tasks must be"),
        ("webhooks remove 01UNKNOWN", "There is no webhook endpoint 01UNKNOWN."),
    ],
)
def test_what_cannot_be_done_is_said(
    deployment: Deployment, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    assert typed(line) == 2
    assert said in capsys.readouterr().err
