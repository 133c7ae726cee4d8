"""The emulator's environment is every function's environment."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from windrow.local.emulator import NO_EXEC, environment, scratch_place

FOLDER = Path("/tmp/windrow-x")


def test_nothing_of_the_developers_aws_settings_reaches_a_function() -> None:
    developer = {
        "AWS_PROFILE": "work",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real",
        "HOME": "/home/me",
        "GITHUB_TOKEN": "real",
    }

    made = environment(developer, 4566, FOLDER)

    assert not {"work", "AKIAREAL", "real", "/home/me"} & set(made.values())
    assert made["HOME"] == str(FOLDER)


def test_it_listens_on_loopback_only() -> None:
    made = environment({"BIND_HOST": "0.0.0.0"}, 4566, FOLDER)

    assert made["BIND_HOST"] == "127.0.0.1"
    assert made["GATEWAY_PORT"] == "4566"
    assert made["IOT_MTLS_ENABLED"] == "0"


def test_a_proxy_is_used_for_the_internet_and_not_for_the_stack() -> None:
    made = environment({"https_proxy": "http://proxy:1", "NO_PROXY": "intranet"}, 4566, FOLDER)

    assert made["https_proxy"] == "http://proxy:1"
    assert made["NO_PROXY"] == made["no_proxy"] == "intranet,127.0.0.1"


@pytest.mark.parametrize(
    ("gigabytes", "flags", "is_used"), [(8, 0, True), (1, 0, False), (8, NO_EXEC, False)]
)
def test_functions_are_unpacked_in_memory_where_there_is_room_and_code_may_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gigabytes: int, flags: int, is_used: bool
) -> None:
    there = SimpleNamespace(f_bavail=gigabytes * 1024**2, f_frsize=1024, f_flag=flags)
    monkeypatch.setattr(os, "statvfs", lambda _: there)

    assert scratch_place(tmp_path) == (tmp_path if is_used else None)


def test_a_machine_without_such_memory_unpacks_where_the_system_says(tmp_path: Path) -> None:
    assert scratch_place(tmp_path / "nowhere") is None
