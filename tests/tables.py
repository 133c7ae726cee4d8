"""The tables and the bucket of template.yaml, made in an emulator."""

from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from windrow.aws.port import AWS

TEMPLATE = Path(__file__).parent.parent / "template.yaml"
WANTED = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


def create_table(aws: AWS, logical_id: str) -> None:
    """Make one table of the template, named as its logical id."""
    properties = resources()[logical_id]["Properties"]
    wanted = {name: properties[name] for name in WANTED if name in properties}
    aws.call("dynamodb", "CreateTable", {"TableName": logical_id, **wanted})


@cache
def resources() -> dict[str, Any]:
    """The resources of template.yaml."""
    found: dict[str, Any] = yaml_parse(TEMPLATE.read_text())["Resources"]
    return found
