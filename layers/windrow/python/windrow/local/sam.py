"""The true `sam local invoke` of every function, where a Docker engine answers.

The functions run in containers of AWS's own images and meet the local stack's tables and queues.
Like `containers.py`, this was tested with stand-ins for docker and sam only.
"""

import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from windrow.local import containers
from windrow.local.callers import FROM_CONTAINERS
from windrow.local.clients import REGION
from windrow.local.errors import SamLocalFailed
from windrow.local.machine import Machine, adapted
from windrow.local.project import Project
from windrow.local.stack import LocalStack
from windrow.local.template import read

COMMAND = [sys.executable, "-m", "samcli"]


def invoke_all(project: Project) -> Iterator[str]:
    """Invoke each function with its event, and tell of each; raises SamLocalFailed at the first."""
    with LocalStack(project) as stack:
        port = urlsplit(stack.aws_endpoint).port
        assert port is not None
        with containers.way_to(port) as options:
            yield from invoke_each(project, stack, f"http://{FROM_CONTAINERS}:{port}", options)


def invoke_each(
    project: Project, stack: LocalStack, endpoint: str, options: list[str]
) -> Iterator[str]:
    """Invoke each function, which reaches the stack's emulator at `endpoint`."""
    body = adapted(read(project.template), Machine.here())
    calls = functions(body)
    settings: set[str] = set()
    for logical_id in calls:
        variables = environment(stack, logical_id, endpoint)
        body["Resources"][logical_id]["Properties"]["Environment"] = {"Variables": variables}
        settings |= set(variables)
    caller = sams_environment(os.environ, settings)
    built = _build(project, body, caller)
    for logical_id, name in calls.items():
        event = event_of(project, name)
        command = ["local", "invoke", logical_id, "--template", str(built), "--event", str(event)]
        command += ["--region", REGION, "--parameter-overrides", "Auth=none", *options]
        answer = _sam(command, logical_id, caller).strip().splitlines()
        said = answer[-1] if answer else ""
        if reason := objection(json.loads(event.read_text(encoding="utf-8")), said):
            raise SamLocalFailed(logical_id, reason)
        yield f"{logical_id} with {event.relative_to(project.root)} answered {said[:100]}"


def objection(event: Mapping[str, Any], said: str) -> str | None:
    """Why this is no answer to the event; None if it is one."""
    try:
        answer = json.loads(said)
    except ValueError:
        return f"it answered no JSON: {said[:300]!r}"
    fields = answer if isinstance(answer, dict) else {}
    status = fields.get("statusCode")
    if "errorType" in fields or "errorMessage" in fields:
        return f"it raised: {said}"
    if "requestContext" in event and not (isinstance(status, int) and status < 500):
        return f"that is no answer to a request: {said}"
    if "Records" in event and fields.get("batchItemFailures") != []:
        return f"it did not do with all its messages what it must: {said}"
    return None


def functions(template: dict[str, Any]) -> dict[str, str]:
    """The folder name of each function by logical id: `functions/api` is `api`."""
    return {
        logical_id: Path(resource["Properties"]["CodeUri"]).name
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def environment(stack: LocalStack, logical_id: str, endpoint: str) -> dict[str, str]:
    """What the function's environment is on the local stack, which it shall reach at `endpoint`."""
    name = stack.resources[logical_id]
    found = stack.clients["lambda"].get_function_configuration(FunctionName=name)
    variables = dict(found["Environment"]["Variables"])
    # The URLs of queues hold the address as well.
    moved = {key: text.replace(stack.aws_endpoint, endpoint) for key, text in variables.items()}
    return moved | {"AWS_ENDPOINT_URL": endpoint}


def sams_environment(caller: Mapping[str, str], settings: Collection[str]) -> dict[str, str]:
    """The environment of sam, which hands the caller's AWS settings on to the containers.

    It also lets a variable of the shell win over a function's own of that name, one of `settings`.
    """
    kept = {
        name: value
        for name, value in caller.items()
        if not name.startswith("AWS_") and name not in settings
    }
    # sam looks for an interpreter with pip on PATH, and finds the one of this environment.
    folders = [str(Path(sys.executable).parent), caller.get("PATH", os.defpath)]
    return kept | {
        "PATH": os.pathsep.join(folders),
        "SAM_CLI_TELEMETRY": "0",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def event_of(project: Project, name: str) -> Path:
    """The event of a function: `events/api_refresh.json` is one of `api`'s."""
    found = sorted((project.root / "events").glob(f"{name}_*.json"))
    if not found:
        raise SamLocalFailed(name, f"there is no events/{name}_*.json")
    return found[0]


def _build(project: Project, body: dict[str, Any], caller: Mapping[str, str]) -> Path:
    folder = project.home / "sam"
    folder.mkdir(parents=True, exist_ok=True)
    template = folder / "template.json"
    template.write_text(json.dumps(body), encoding="utf-8")
    output = folder / "build"
    command = ["build", "--template", str(template), "--base-dir", str(project.root)]
    _sam([*command, "--build-dir", str(output)], "sam build", caller)
    return output / "template.yaml"


def _sam(arguments: list[str], what: str, caller: Mapping[str, str]) -> str:
    done = subprocess.run(
        [*COMMAND, *arguments], env=caller, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise SamLocalFailed(what, f"sam ended with {done.returncode}, its reason is above")
    return done.stdout
