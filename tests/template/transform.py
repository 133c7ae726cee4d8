"""AWS's own SAM transform, run here without AWS."""

import copy
from typing import Any

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

ARTIFACT = "s3://artifacts/code.zip"
CODE = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}


class Region:
    """All that the transform wants of a boto session."""

    region_name = "us-east-1"


def transformed(template: dict[str, Any], **parameters: str) -> dict[str, Any]:
    """The CloudFormation template that SAM makes; code is taken as uploaded already."""
    packaged = copy.deepcopy(template)
    for resource in packaged["Resources"].values():
        if resource["Type"] in CODE:
            resource["Properties"][CODE[resource["Type"]]] = ARTIFACT
    # Empty: no managed policy is looked up by name, because no role uses one.
    translator = Translator({}, Parser(), boto_session=Region())
    result: dict[str, Any] = translator.translate(
        packaged, parameter_values={"Auth": "iam", **parameters}
    )
    return result
