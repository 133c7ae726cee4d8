"""What the emulator leaves out of a deployed stack: closed here where it can be, named otherwise.

The emulator drops many properties without a word. A stack that then works by luck, or fails far
from the cause, is worse than one that is refused.
"""

import json
from collections.abc import Mapping
from typing import Any

from windrow.local.clients import Clients
from windrow.local.kinds import KINDS, Kind

_Resources = Mapping[str, Mapping[str, Any]]


def in_template(resources: _Resources) -> list[str]:
    """What the emulator would leave out of these resources, after SAM's transform, as sentences."""
    found = []
    for logical_id, resource in resources.items():
        kind = KINDS.get(resource["Type"])
        if kind is None:
            found.append(
                f"{logical_id}: nobody has looked yet at what the emulator does with a "
                f"{resource['Type']}; look, and say so in windrow/local/kinds.py"
            )
            continue
        found += _in_properties(logical_id, resource.get("Properties", {}), kind)
    return found


def _in_properties(path: str, properties: Mapping[str, Any], kind: Kind) -> list[str]:
    found = []
    for name in sorted(properties):
        if name in kind.honoured or name in kind.dropped:
            continue
        if name in kind.parts:
            found += _in_properties(f"{path}.{name}", properties[name], kind.parts[name])
            continue
        reason = kind.refused.get(
            name,
            "nobody has looked yet at what the emulator does with it; look, and say so in "
            "windrow/local/kinds.py",
        )
        found.append(f"{path}.{name}: {reason}")
    return found


def close_time_to_live(clients: Clients, resources: _Resources, names: Mapping[str, str]) -> None:
    """Let items expire: the emulator drops TimeToLiveSpecification."""
    for logical_id, table in _of_type(resources, "AWS::DynamoDB::Table"):
        wanted = table["Properties"].get("TimeToLiveSpecification")
        if wanted is not None:
            clients["dynamodb"].update_time_to_live(
                TableName=names[logical_id], TimeToLiveSpecification=wanted
            )


def close_concurrency(clients: Clients) -> None:
    """Make MaximumConcurrency a number: text, as from a parameter, stops the polling of queues."""
    for mapping in clients["lambda"].list_event_source_mappings()["EventSourceMappings"]:
        limit = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
        if limit is not None:
            clients["lambda"].update_event_source_mapping(
                UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": int(limit)}
            )


def announce_deployment(clients: Clients, names: Mapping[str, str]) -> None:
    """Tell the scheduler function that the stack is deployed: CloudFormation's own event, by which
    its schedules are made, does not exist here. Nobody waits for it.
    """
    if "SchedulerFunction" in names:
        clients["lambda"].invoke(
            FunctionName=names["SchedulerFunction"],
            InvocationType="Event",
            Payload=json.dumps({"schedule": "sync"}),
        )


def in_tables(clients: Clients, resources: _Resources, names: Mapping[str, str]) -> list[str]:
    """Tables whose items should expire and will not."""
    found = []
    for logical_id, table in _of_type(resources, "AWS::DynamoDB::Table"):
        wanted = table["Properties"].get("TimeToLiveSpecification", {"Enabled": False})
        answer = clients["dynamodb"].describe_time_to_live(TableName=names[logical_id])
        actual = answer["TimeToLiveDescription"]
        is_enabled = actual["TimeToLiveStatus"] == "ENABLED"
        if is_enabled != wanted["Enabled"] or (
            is_enabled and actual.get("AttributeName") != wanted["AttributeName"]
        ):
            found.append(f"{logical_id}: its time to live is {actual}, not {wanted}")
    return found


def in_apis(clients: Clients, resources: _Resources, names: Mapping[str, str]) -> list[str]:
    """APIs that would answer no request, or let one in that AWS would not."""
    found = []
    for logical_id, _ in _of_type(resources, "AWS::ApiGatewayV2::Api"):
        api = names[logical_id]
        routes = clients["apigatewayv2"].get_routes(ApiId=api)["Items"]
        integrations = clients["apigatewayv2"].get_integrations(ApiId=api)["Items"]
        targets = {f"integrations/{item['IntegrationId']}" for item in integrations}
        if not routes:
            found.append(f"{logical_id} has no route, so every URL would answer 404")
        for route in routes:
            if route.get("Target") not in targets:
                found.append(f"the route {route['RouteKey']} of {logical_id} leads nowhere")
            if route.get("AuthorizationType") == "AWS_IAM":
                found.append(
                    f"the route {route['RouteKey']} of {logical_id} asks for signed requests, and "
                    "the emulator would let in any signature; deploy with Auth=none here"
                )
    return found


def in_functions(
    clients: Clients, resources: _Resources, names: Mapping[str, str], sizes: Mapping[str, int]
) -> list[str]:
    """Functions and layers whose code did not arrive: the emulator would answer a made-up 200."""
    found = []
    for logical_id, _ in _of_type(resources, "AWS::Lambda::Function"):
        name = names[logical_id]
        actual = clients["lambda"].get_function_configuration(FunctionName=name)["CodeSize"]
        if actual != sizes.get(logical_id, actual) or actual == 0:
            found.append(f"the code of {logical_id} did not arrive ({actual} bytes)")
    for logical_id, _ in _of_type(resources, "AWS::Lambda::LayerVersion"):
        layer = clients["lambda"].get_layer_version_by_arn(Arn=names[logical_id])
        if layer["Content"]["CodeSize"] == 0:
            found.append(f"the content of {logical_id} did not arrive")
    return found


def _of_type(resources: _Resources, kind: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, resource) for name, resource in resources.items() if resource["Type"] == kind]
