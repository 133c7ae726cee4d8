"""Parameters: what a deployer must say, may say, and cannot say."""

import json
import re
from typing import Any

import pytest

from tasks import registry
from tests.template import rules

SECRET = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:countries-key-a1B2c3"


def test_only_auth_must_be_said(template: dict[str, Any]) -> None:
    defaults = {
        name: parameter.get("Default", "must be said")
        for name, parameter in template["Parameters"].items()
    }

    assert defaults == {
        "Auth": "must be said",
        "DailyRefresh": "off",
        "DailyCleanup": "off",
        "CountriesUpstream": "bundled",
        "CountriesApiKeyArn": "",
        "WorkerConcurrency": 10,
        "PriorityMode": "strict",
        "ReadyShards": 4,
        "RequestsPerMinute": 6000,
        "SchedulesPerTenant": 1000,
        "PollsPerSecond": 40,
        "StatusConcurrency": 0,
        "CorsOrigins": "",
        "RetentionDays": 30,
        "Receivers": "public",
        "EventBus": "off",
        "Webhooks": "off",
        "MailFrom": "",
        "MailTransport": "ses",
        "NotifyEmail": "",
        "NotifyTopicArn": "",
        "AlarmTopicArn": "",
        "ArticlesModelId": "",
        "ArticlesTranslate": "off",
    }


def test_every_parameter_says_what_it_means(template: dict[str, Any]) -> None:
    assert all(
        parameter["Description"].endswith(".") for parameter in template["Parameters"].values()
    )


def test_the_http_upstream_refuses_to_deploy_without_its_key(template: dict[str, Any]) -> None:
    rule = template["Rules"]["HttpUpstreamNeedsItsKey"]
    (assertion,) = rule["Assertions"]

    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "CountriesUpstream"}, "http"]}
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "CountriesApiKeyArn"}, ""]}]}
    assert "CountriesApiKeyArn" in assertion["AssertDescription"]


@pytest.mark.parametrize(
    "arn",
    [
        "",
        SECRET,
        "arn:aws-us-gov:ssm:us-gov-west-1:123456789012:parameter/windrow/countries-key",
    ],
)
def test_the_key_is_a_secret_a_parameter_or_nothing(template: dict[str, Any], arn: str) -> None:
    pattern = template["Parameters"]["CountriesApiKeyArn"]["AllowedPattern"]

    assert re.fullmatch(pattern, arn)


@pytest.mark.parametrize(
    "arn", ["sk-live-1234", "*", SECRET.replace("countries-key-a1B2c3", ""), "arn:aws:s3:::bucket"]
)
def test_the_key_itself_or_anything_else_is_refused(template: dict[str, Any], arn: str) -> None:
    pattern = template["Parameters"]["CountriesApiKeyArn"]["AllowedPattern"]

    assert not re.fullmatch(pattern, arn)


@pytest.mark.parametrize(
    "arn",
    [
        SECRET.replace("countries-key-a1B2c3", "*"),
        SECRET.replace("a1B2c3", "*"),
        SECRET.replace("a1B2c3", "??????"),
        "arn:aws:ssm:eu-north-1:123456789012:parameter/*",
        "arn:aws:ssm:eu-north-1:123456789012:parameter/windrow/${aws:username}",
    ],
)
def test_the_key_is_one_and_not_many(template: dict[str, Any], arn: str) -> None:
    pattern = template["Parameters"]["CountriesApiKeyArn"]["AllowedPattern"]

    assert not re.fullmatch(pattern, arn)


def test_workers_are_as_many_as_an_event_source_mapping_takes(template: dict[str, Any]) -> None:
    concurrency = template["Parameters"]["WorkerConcurrency"]

    assert concurrency["Type"] == "Number"
    assert (concurrency["MinValue"], concurrency["MaxValue"]) == (2, 1000)


@pytest.mark.parametrize(
    ("task", "condition", "parameter", "value"),
    [
        ("countries.refresh", "RefreshDaily", "DailyRefresh", "on"),
        ("cleanup.remove_old_tasks", "RemoveDaily", "DailyCleanup", "remove"),
        ("cleanup.archive_old_records", "ArchiveDaily", "DailyCleanup", "archive"),
    ],
)
def test_what_happens_daily_is_switched_by_its_parameter(
    template: dict[str, Any], task: str, condition: str, parameter: str, value: str
) -> None:
    (daily,) = [
        event
        for name, event in rules.triggers(template, "ScheduleV2")
        if name == "SchedulerFunction" and task in event["Input"]
    ]

    registry.get(json.loads(daily["Input"])["task"]).checked(
        json.loads(daily["Input"]).get("params", {})
    )
    assert daily["State"] == {"Fn::If": [condition, "ENABLED", "DISABLED"]}
    assert template["Conditions"][condition] == {"Fn::Equals": [{"Ref": parameter}, value]}


def test_the_schedules_are_looked_after_and_made_when_the_stack_is_deployed(
    template: dict[str, Any],
) -> None:
    (tick,) = [
        event
        for name, event in rules.triggers(template, "ScheduleV2")
        if name == "SchedulerFunction" and '"tick"' in event["Input"]
    ]
    ((function, deployed),) = rules.triggers(template, "EventBridgeRule")

    assert tick["ScheduleExpression"] == "rate(5 minutes)"
    assert "State" not in tick
    assert function == "SchedulerFunction"
    assert json.loads(deployed["Input"]) == {"schedule": "sync"}
    assert deployed["Pattern"]["detail"] == {
        "stack-id": [{"Ref": "AWS::StackId"}],
        "status-details": {"status": ["CREATE_COMPLETE", "UPDATE_COMPLETE"]},
    }


def test_the_sweeper_is_woken_every_minute_whatever_was_said(template: dict[str, Any]) -> None:
    tick = dict(rules.triggers(template, "ScheduleV2"))["SweeperFunction"]

    assert tick["ScheduleExpression"] == "rate(1 minute)"
    assert "State" not in tick


def test_schedules_of_two_stacks_do_not_meet(template: dict[str, Any]) -> None:
    events = [event for _, event in rules.triggers(template, "ScheduleV2")]
    names = [event["Name"]["Fn::Sub"] for event in events]

    assert len(set(names)) == len(names)
    assert all(name.startswith("${AWS::StackName}-") for name in names)
    assert all(event["GroupName"] == {"Ref": "Schedules"} for event in events)
    assert template["Resources"]["Schedules"]["Properties"]["Name"] == {"Ref": "AWS::StackName"}
