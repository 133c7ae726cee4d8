"""The linters of AWS find nothing, in the template as it stands and in what SAM makes of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from cfnlint.api import lint

from tests.template.transform import transformed as transform

# No command here calls AWS; what looks for credentials and a region finds dummies.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "SAM_CLI_TELEMETRY": "0",
}
UNTRUE = {"Version": "2012-10-17", "Statement": "anyone"}


def test_sam_validate_lint_is_clean(root: Path) -> None:
    result = validate(root / "template.yaml")

    assert result.returncode == 0, result.stdout + result.stderr
    assert "is a valid SAM Template" in result.stdout


def test_sam_validate_lint_bites(template: dict[str, Any], tmp_path: Path) -> None:
    template["Resources"]["StatusRole"]["Properties"]["AssumeRolePolicyDocument"] = UNTRUE
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template))

    result = validate(path)

    assert result.returncode != 0
    assert "E3530" in result.stdout


def test_cfn_lint_of_the_transformed_template_is_clean(transformed: dict[str, Any]) -> None:
    assert findings(transformed) == []


# Three faults in one template: a pass over all of it takes seconds.
BROKEN: dict[str, tuple[str, dict[str, Any]]] = {
    # Which function reads which queue only shows in the transformed template.
    "E3505": ("DefaultQueue", {"VisibilityTimeout": 30}),
    "E3530": ("StatusRole", {"AssumeRolePolicyDocument": UNTRUE}),
    "E3030": ("OldestOverdueAlarm", {"TreatMissingData": "loud"}),
}


def test_cfn_lint_of_the_transformed_template_bites(template: dict[str, Any]) -> None:
    for resource, broken in BROKEN.values():
        template["Resources"][resource]["Properties"].update(broken)

    codes = {finding.split()[0] for finding in findings(transform(template))}

    assert codes >= BROKEN.keys()


def findings(template: dict[str, Any]) -> list[str]:
    """What cfn-lint says, a line each."""
    return [f"{match.rule.id} {match.message}" for match in lint(json.dumps(template))]


def validate(template: Path) -> subprocess.CompletedProcess[str]:
    """`sam validate --lint`, by module: the tool's folder need not be on PATH."""
    return subprocess.run(
        [sys.executable, "-m", "samcli", "validate", "--lint", "--template", str(template)],
        cwd=template.parent,
        env=os.environ | ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
    )
