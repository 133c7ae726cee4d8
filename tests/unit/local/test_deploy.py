"""What is deployed: the project's template, with artifacts and a machine's own defaults."""

from typing import Any

from windrow.local import deploy


def test_one_machine_has_its_own_defaults_where_the_template_asks() -> None:
    template: dict[str, Any] = {
        "Parameters": {"Auth": {}, "WorkerConcurrency": {}, "RetentionDays": {}}
    }

    assert deploy.parameters(template, {}) == {"Auth": "none", "WorkerConcurrency": "2"}


def test_a_chosen_parameter_wins_and_is_passed_on_even_if_unknown() -> None:
    # CloudFormation itself refuses the unknown one, by name.
    chosen = {"Auth": "iam", "Typo": "x"}

    assert deploy.parameters({"Parameters": {"Auth": {}}}, chosen) == chosen


def test_what_this_stack_alone_knows_is_told_where_it_is_asked_for() -> None:
    found = {"MailTransport": "smtp://127.0.0.1:1025"}
    chosen = {"MailTransport": "ses"}

    assert deploy.parameters({"Parameters": {"MailTransport": {}}}, {}, found) == found
    assert deploy.parameters({"Parameters": {"MailTransport": {}}}, chosen, found) == chosen
    assert deploy.parameters({"Parameters": {}}, {}, found) == {}


def test_code_folders_become_uploaded_artifacts_and_nothing_else_changes() -> None:
    function = {"Type": "F", "Properties": {"CodeUri": "functions/api", "Timeout": 10}}
    template = {"Transform": "T", "Resources": {"Api": function, "Table": {"Type": "T"}}}

    made = deploy.with_artifacts(template, {"Api": "CodeUri"}, {"Api": "api-1.zip"})

    assert made == {
        "Transform": "T",
        "Resources": {
            "Api": {
                "Type": "F",
                "Properties": {"CodeUri": "s3://windrow-artifacts/api-1.zip", "Timeout": 10},
            },
            "Table": {"Type": "T"},
        },
    }
    assert function["Properties"] == {"CodeUri": "functions/api", "Timeout": 10}
