"""Deploying the project's own template to the emulator, as CloudFormation would."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from windrow.local.clients import Clients
from windrow.local.errors import DeployFailed

STACK = "windrow"
_ARTIFACTS = "windrow-artifacts"
_TEMPLATES = "windrow-templates"
_PATIENCE = timedelta(seconds=60)
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]

# What one developer's machine wants where the template asks; the caller may say otherwise.
# Two workers at once is the least an event source mapping takes, and suits two cores. Index
# queries are slow in the emulator: one shard is asked, and not four. Who tries webhooks has the
# receiver on the same machine. Mail goes nowhere from here, so its sender may be anybody.
DEFAULTS = {
    "Auth": "none",
    "EventBus": "own",
    "MailFrom": "windrow@windrow.local",
    "NotifyEmail": "you@windrow.local",
    "ReadyShards": "1",
    "Receivers": "local",
    "Webhooks": "own",
    "WorkerConcurrency": "2",
}


@dataclass(frozen=True, slots=True)
class Deployed:
    """A created stack: its outputs, and the name of each resource at its service by logical id."""

    outputs: Mapping[str, str]
    resources: Mapping[str, str]


def parameters(
    template: Mapping[str, Any], chosen: Mapping[str, str], found: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The parameters to deploy with: the caller's, and ours for those he did not choose.

    `found` are those of ours that this stack alone knows, as the port of its mail server.
    """
    declared = template.get("Parameters", {})
    ours = DEFAULTS | dict(found or {})
    return {name: value for name, value in ours.items() if name in declared} | dict(chosen)


def with_artifacts(
    template: Mapping[str, Any], properties: Mapping[str, str], keys: Mapping[str, str]
) -> dict[str, Any]:
    """The template with its code folders replaced by uploaded artifacts, as `sam package` does."""
    resources = dict(template["Resources"])
    for logical_id, key in keys.items():
        resource = resources[logical_id]
        uri = {properties[logical_id]: f"s3://{_ARTIFACTS}/{key}"}
        resources[logical_id] = resource | {"Properties": resource["Properties"] | uri}
    return dict(template) | {"Resources": resources}


def upload(clients: Clients, artifacts: Mapping[str, Path]) -> dict[str, str]:
    """Put the artifacts into the emulator's S3; returns the key of each by logical id."""
    clients["s3"].create_bucket(Bucket=_ARTIFACTS)
    for path in set(artifacts.values()):
        clients["s3"].put_object(Bucket=_ARTIFACTS, Key=path.name, Body=path.read_bytes())
    return {logical_id: path.name for logical_id, path in artifacts.items()}


def create(
    clients: Clients, path: Path, template: Mapping[str, Any], values: Mapping[str, str]
) -> Deployed:
    """Create the stack and wait; raises DeployFailed with the reasons CloudFormation gives."""
    cloudformation = clients["cloudformation"]
    # A template in a request may have 51,200 bytes, one in S3 a million (CloudFormation's quotas).
    body = json.dumps(template).encode()
    clients["s3"].create_bucket(Bucket=_TEMPLATES)
    clients["s3"].put_object(Bucket=_TEMPLATES, Key=path.name, Body=body)
    try:
        cloudformation.create_stack(
            StackName=STACK,
            TemplateURL=f"https://s3.amazonaws.com/{_TEMPLATES}/{path.name}",
            Capabilities=_CAPABILITIES,
            OnFailure="DO_NOTHING",
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value} for name, value in values.items()
            ],
        )
    except ClientError as error:
        raise DeployFailed(path, [error.response["Error"]["Message"]]) from error
    stack = _settled(clients)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise DeployFailed(path, _reasons(clients) or [stack["StackStatus"]])
    found = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    return Deployed(
        outputs={item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])},
        resources={item["LogicalResourceId"]: item["PhysicalResourceId"] for item in found},
    )


def processed(clients: Clients) -> dict[str, Any]:
    """The template as it was deployed, after SAM's transform."""
    answer = clients["cloudformation"].get_template(StackName=STACK, TemplateStage="Processed")
    body = answer["TemplateBody"]
    return dict(json.loads(body) if isinstance(body, str) else body)


def _settled(clients: Clients) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE.total_seconds()
    while True:
        stack = clients["cloudformation"].describe_stacks(StackName=STACK)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS") or time.monotonic() > deadline:
            return dict(stack)
        time.sleep(0.02)


def _reasons(clients: Clients) -> list[str]:
    """What failed first, in CloudFormation's words."""
    events = clients["cloudformation"].describe_stack_events(StackName=STACK)["StackEvents"]
    return [
        f"{event['LogicalResourceId']} ({event['ResourceType']}): {event['ResourceStatusReason']}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("FAILED") and event.get("ResourceStatusReason")
    ][:3]
