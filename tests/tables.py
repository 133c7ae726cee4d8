"""The tables and the bucket of template.yaml, made in an emulator."""

from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).parent.parent / "template.yaml"
REGION = "us-east-1"
WANTED = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


def create_table(dynamodb: Any, logical_id: str) -> str:
    """Make one table of the template, named as its logical id; returns the name."""
    properties = yaml_parse(TEMPLATE.read_text())["Resources"][logical_id]["Properties"]
    dynamodb.create_table(
        TableName=logical_id,
        **{name: properties[name] for name in WANTED if name in properties},
    )
    return logical_id
