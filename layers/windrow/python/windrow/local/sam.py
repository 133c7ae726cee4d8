"""The true `sam local invoke` of every function, where a Docker engine answers.

The functions run in containers of AWS's own images and meet the local stack's tables and queues.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from windrow.local.errors import SamLocalFailed
from windrow.local.machine import Machine, adapted
from windrow.local.project import Project
from windrow.local.stack import LocalStack
from windrow.local.template import read


def invoke_all(project: Project) -> Iterator[str]:
    """Invoke each function with its event, and tell of each; raises SamLocalFailed at the first."""
    with LocalStack(project) as stack:
        body = adapted(read(project.template), Machine.here())
        calls = functions(body)
        for logical_id in calls:
            properties = body["Resources"][logical_id]["Properties"]
            properties["Environment"] = {"Variables": environment(stack, logical_id)}
        built = _build(project, body)
        for logical_id, name in calls.items():
            event = event_of(project, name)
            said = _invoke(built, logical_id, event)
            yield f"{logical_id} with {event.relative_to(project.root)} answered {said[:100]}"


def docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def functions(template: dict[str, Any]) -> dict[str, str]:
    """The folder name of each function by logical id: `functions/api` is `api`."""
    return {
        logical_id: Path(resource["Properties"]["CodeUri"]).name
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def environment(stack: LocalStack, logical_id: str) -> dict[str, str]:
    """What the function's environment is on the local stack, which it shall talk to."""
    name = stack.resources[logical_id]
    found = stack.clients["lambda"].get_function_configuration(FunctionName=name)
    return dict(found["Environment"]["Variables"]) | {"AWS_ENDPOINT_URL": stack.aws_endpoint}


def event_of(project: Project, name: str) -> Path:
    """The event of a function: `events/api_refresh.json` is one of `api`'s."""
    found = sorted((project.root / "events").glob(f"{name}_*.json"))
    if not found:
        raise SamLocalFailed(name, f"there is no events/{name}_*.json")
    return found[0]


def _build(project: Project, body: dict[str, Any]) -> Path:
    folder = project.home / "sam"
    folder.mkdir(parents=True, exist_ok=True)
    template = folder / "template.json"
    template.write_text(json.dumps(body))
    output = folder / "build"
    command = ["build", "--template", str(template), "--base-dir", str(project.root)]
    _sam([*command, "--build-dir", str(output)], "sam build")
    return output / "template.yaml"


def _invoke(template: Path, logical_id: str, event: Path) -> str:
    # The stack listens on loopback only, so the container shares this machine's network.
    command = ["local", "invoke", logical_id, "--template", str(template), "--event", str(event)]
    command += ["--docker-network", "host", "--parameter-overrides", "Auth=none"]
    answer = _sam(command, logical_id).strip().splitlines()
    said = answer[-1] if answer else ""
    if "errorType" in said:
        raise SamLocalFailed(logical_id, said)
    return said


def _sam(arguments: list[str], what: str) -> str:
    # sam looks for an interpreter with pip on PATH, and finds the one of this environment.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    secrets = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    done = subprocess.run(
        [sys.executable, "-m", "samcli", *arguments],
        env=os.environ | secrets | {"PATH": path, "SAM_CLI_TELEMETRY": "0"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SamLocalFailed(what, f"sam ended with {done.returncode}, its reason is above")
    return done.stdout
