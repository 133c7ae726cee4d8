"""A Python client that is generated from docs/openapi.json compiles, and works against the API."""

import compileall
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from scripts.build_openapi import DOCUMENT
from tests.native import Client, deploy_native

# The image of the countries is no JSON: the generator takes such an answer for bytes if told to.
CONFIG = 'content_type_overrides:\n  image/png: "application/octet-stream"\npost_hooks: []\n'
NAME = "generated_windrow"


class ToDeployment(httpx.BaseTransport):
    """Hands each request to the functions of a deployment, as API Gateway would."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        body = request.read().decode() or None
        answer = self._client.send(request.method, path, body, dict(request.headers))
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a client that was generated without any warning."""
    folder = tmp_path_factory.mktemp("client")
    config = folder / "config.yaml"
    config.write_text(CONFIG)
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(DOCUMENT)]
    options = ["--meta", "none", "--fail-on-warning", "--config", str(config)]
    made = subprocess.run(
        [*command, *options, "--output-path", str(folder / NAME)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "NO_COLOR": "1"},
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield folder / NAME
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


def part(name: str) -> ModuleType:
    return importlib.import_module(f"{NAME}.{name}")


def test_a_generated_client_compiles(generated: Path) -> None:
    assert compileall.compile_dir(generated, quiet=1)


def test_a_generated_client_submits_polls_and_lists(generated: Path) -> None:
    with deploy_native() as ours:
        transport = ToDeployment(ours)
        client: Any = part("client").Client(
            base_url="http://api.example",
            raise_on_unexpected_status=True,
            httpx_args={"transport": transport},
        )
        params = part("models").NewTaskParams.from_dict({"name": "Ada"})
        wanted = part("models").NewTask(task="greet", params=params, priority=9)
        accepted = part("api.tasks.submit_task").sync(client=client, body=wanted)
        queued = part("api.tasks.show_task").sync(client=client, task_id=accepted.id)
        ours.deployment.pump()
        done = part("api.tasks.show_task").sync(client=client, task_id=accepted.id)
        page = part("api.tasks.list_all_tasks").sync(client=client, state="succeeded")
        unknown = part("api.tasks.show_task").sync(client=client, task_id="0" * 26)

    assert (queued.state, done.state) == ("queued", "succeeded")
    assert done.priority == 9
    assert [task.id for task in page.tasks] == [accepted.id]
    assert (unknown.status, unknown.type_) == (404, "urn:problem-type:windrow:not-found")
