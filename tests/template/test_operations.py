"""Alarms, dashboard, outputs: an operator sees whether it works, keeps up, and what failed."""

import json
import re
from typing import Any

import pytest

from tests.template import rules
from tests.template.test_functions import POOLS
from windrow.telemetry.metrics import Metric


def test_somebody_is_told_when_something_is_wrong(template: dict[str, Any]) -> None:
    assert rules.alarms(template) == []


def test_silence_of_the_sweeper_is_an_alarm(template: dict[str, Any]) -> None:
    alarm = template["Resources"]["OldestOverdueAlarm"]["Properties"]

    assert alarm["Namespace"] == "Windrow"
    assert alarm["Dimensions"] == [{"Name": "service", "Value": {"Ref": "AWS::StackName"}}]
    assert alarm["TreatMissingData"] == "breaching"


def test_a_dead_letter_that_is_read_in_vain_is_an_alarm_too(template: dict[str, Any]) -> None:
    for queue in rules.dead_letter_queues(template).values():
        alarm = template["Resources"][f"{queue}RefusedAlarm"]["Properties"]

        assert alarm["MetricName"] == "ApproximateNumberOfMessagesNotVisible"
        assert alarm["Statistic"] == "Minimum"
        assert rules.target(alarm["Dimensions"][0]["Value"]) == queue


def test_a_hint_is_old_only_when_a_crashed_worker_no_longer_hides_it(
    template: dict[str, Any],
) -> None:
    alarms = rules.of_type(template, "AWS::CloudWatch::Alarm").values()
    limits = {
        rules.target(alarm["Properties"]["Dimensions"][0]["Value"]): alarm["Properties"]
        for alarm in alarms
        if alarm["Properties"]["MetricName"] == "ApproximateAgeOfOldestMessage"
    }

    assert set(limits) == set(rules.dead_letter_queues(template))
    for queue, alarm in limits.items():
        hidden = template["Resources"][queue]["Properties"]["VisibilityTimeout"]
        assert alarm["Threshold"] > hidden
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_an_alarm_of_windrow_watches_a_metric_that_the_library_emits(
    template: dict[str, Any],
) -> None:
    alarms = [
        alarm["Properties"]
        for alarm in rules.of_type(template, "AWS::CloudWatch::Alarm").values()
        if alarm["Properties"]["Namespace"] == "Windrow"
    ]

    assert {alarm["MetricName"] for alarm in alarms} <= {str(metric) for metric in Metric}
    for alarm in alarms:
        assert alarm["Dimensions"] == [{"Name": "service", "Value": {"Ref": "AWS::StackName"}}]
        is_seconds = alarm["MetricName"].endswith("Seconds")
        assert alarm["Statistic"] == ("Maximum" if is_seconds else "Sum")


def test_alarms_have_names_of_their_own_and_a_sentence(template: dict[str, Any]) -> None:
    alarms = rules.of_type(template, "AWS::CloudWatch::Alarm").values()
    names = {alarm["Properties"]["AlarmName"]["Fn::Sub"] for alarm in alarms}

    assert len(names) == len(alarms)
    assert all(name.startswith("${AWS::StackName}-") for name in names)
    assert all(alarm["Properties"]["AlarmDescription"].endswith(".") for alarm in alarms)


def test_the_dashboard_asks_three_questions(template: dict[str, Any]) -> None:
    titles = [
        widget["properties"]["markdown"]
        for widget in dashboard(template)["widgets"]
        if widget["type"] == "text"
    ]

    assert titles == ["## Is it working?", "## Is it keeping up?", "## What failed?"]


def test_the_dashboard_shows_every_metric_of_windrow_but_the_one_it_cannot_have_yet(
    template: dict[str, Any],
) -> None:
    shown = {line[1] for line in metrics(template) if line[0] == "Windrow"}

    # Nothing can be cancelled before there is a route that cancels.
    assert shown == {str(metric) for metric in Metric} - {Metric.TASKS_CANCELLED}


def test_the_dashboard_shows_the_services_below(template: dict[str, Any]) -> None:
    assert {line[0] for line in metrics(template)} == {
        "Windrow",
        "AWS/ApiGateway",
        "AWS/DynamoDB",
        "AWS/Lambda",
        "AWS/SQS",
    }


@pytest.mark.parametrize("metric", ["ConsumedWriteCapacityUnits", "WriteThrottleEvents"])
def test_the_dashboard_shows_each_index_for_its_table_does_not_count_it(
    template: dict[str, Any], metric: str
) -> None:
    shown = {tuple(line[2:]) for line in metrics(template) if line[1] == metric}
    indexes = template["Resources"]["TasksTable"]["Properties"]["GlobalSecondaryIndexes"]

    assert shown == {("TableName", "<TasksTable>"), ("TableName", "<ApplicationTable>")} | {
        ("TableName", "<TasksTable>", "GlobalSecondaryIndexName", index["IndexName"])
        for index in indexes
    }


@pytest.mark.parametrize("metric", ["ConsumedReadCapacityUnits", "ReadThrottleEvents"])
def test_the_dashboard_shows_the_reads_of_both_tables_and_of_the_sweeper(
    template: dict[str, Any], metric: str
) -> None:
    assert {tuple(line[3:]) for line in metrics(template) if line[1] == metric} == {
        ("<TasksTable>",),
        ("<ApplicationTable>",),
        ("<TasksTable>", "GlobalSecondaryIndexName", "due"),
    }


def test_the_dashboard_shows_every_alarm(template: dict[str, Any]) -> None:
    (widget,) = (each for each in dashboard(template)["widgets"] if each["type"] == "alarm")

    assert set(widget["properties"]["alarms"]) == {
        f"<{name}.Arn>" for name in rules.of_type(template, "AWS::CloudWatch::Alarm")
    }


def test_the_dashboard_lists_the_last_failures_of_every_function(template: dict[str, Any]) -> None:
    (widget,) = (each for each in dashboard(template)["widgets"] if each["type"] == "log")
    query = widget["properties"]["query"]
    groups = {
        rules.target(function["LoggingConfig"]["LogGroup"])
        for function in rules.functions(template).values()
    }

    assert set(re.findall(r"SOURCE '<(\w+)>'", query)) == groups
    assert "level in ['WARNING', 'ERROR', 'CRITICAL']" in query
    assert "timeout" in query


def test_no_two_widgets_lie_on_each_other(template: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in dashboard(template)["widgets"]:
        x, y, width, height = (widget[name] for name in ("x", "y", "width", "height"))
        cells = {(x + i, y + j) for i in range(width) for j in range(height)}

        assert not taken & cells
        assert x + width <= 24
        taken |= cells


def test_the_outputs_are_what_people_and_programs_need(template: dict[str, Any]) -> None:
    assert set(template["Outputs"]) == {
        "ApiUrl",
        "AuthNotice",
        "AlarmNotice",
        "ApiFunctionName",
        "TasksTableName",
        "ApplicationTableName",
        "BucketName",
        "EventBusName",
        "DashboardUrl",
    } | {f"{pool.title()}{what}Url" for pool in POOLS for what in ("Queue", "DeadLetters")}


@pytest.mark.parametrize(
    ("alarm", "finding"),
    [
        ("OldestOverdueAlarm", "No alarm watches OldestOverdueSeconds of AWS::StackName."),
        (
            "LongDeadLettersUnreadAlarm",
            "No alarm watches ApproximateNumberOfMessagesVisible of LongDeadLetters.",
        ),
        ("HaltedAlarm", "No alarm watches HaltedSeconds of AWS::StackName."),
        ("SweeperErrorsAlarm", "No alarm watches Errors of SweeperFunction."),
        ("MessagesFailedAlarm", "No alarm watches MessagesFailed of AWS::StackName."),
        ("TasksFailedAlarm", "No alarm watches TasksFailed of AWS::StackName."),
        (
            "LongHintsOldAlarm",
            "No alarm watches ApproximateAgeOfOldestMessage of LongQueue.",
        ),
    ],
)
def test_the_rules_find_what_nobody_watches(
    template: dict[str, Any], alarm: str, finding: str
) -> None:
    del template["Resources"][alarm]

    assert rules.alarms(template) == [finding]


@pytest.mark.parametrize(
    "actions",
    [
        [],
        {"Ref": "AWS::NoValue"},
        {"Fn::If": ["HasAlarmTopic", {"Ref": "AWS::NoValue"}, [{"Ref": "AlarmTopicArn"}]]},
        {"Fn::If": ["HasAlarmTopic", [{"Ref": "Bucket"}], {"Ref": "AWS::NoValue"}]},
    ],
)
@pytest.mark.parametrize("way", ["AlarmActions", "OKActions"])
def test_the_rules_find_an_alarm_that_tells_nobody(
    template: dict[str, Any], way: str, actions: Any
) -> None:
    template["Resources"]["ApiErrorsAlarm"]["Properties"][way] = actions

    assert rules.alarms(template) == ["ApiErrorsAlarm does not notify the topic."]


def test_a_topic_is_notified_when_one_was_given(template: dict[str, Any]) -> None:
    assert template["Conditions"]["HasAlarmTopic"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmTopicArn"}, ""]}]
    }


def test_the_notice_says_plainly_when_alarms_notify_nobody(template: dict[str, Any]) -> None:
    condition, told, nobody = template["Outputs"]["AlarmNotice"]["Value"]["Fn::If"]

    assert condition == "HasAlarmTopic"
    assert "${AlarmTopicArn}" in told["Fn::Sub"]
    assert "NOBODY IS TOLD" in nobody
    assert "AlarmTopicArn" in nobody


def test_the_rules_find_an_alarm_that_silence_pleases(template: dict[str, Any]) -> None:
    alarm = template["Resources"]["OldestOverdueAlarm"]["Properties"]
    alarm["TreatMissingData"] = "notBreaching"

    assert rules.alarms(template) == ["OldestOverdueAlarm is content when the sweeper is silent."]


def dashboard(template: dict[str, Any]) -> dict[str, Any]:
    """The dashboard's body, with `<name>` for what CloudFormation fills in, and 10 for a number."""
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    numbered = body.replace("${WorkerConcurrency}", "10")
    parsed: dict[str, Any] = json.loads(re.sub(r"\$\{([^}]+)\}", r"<\1>", numbered))
    return parsed


def metrics(template: dict[str, Any]) -> list[list[str]]:
    """Each line of each graph as namespace, metric and so on, CloudWatch's shorthand spelt out."""
    found = []
    for widget in dashboard(template)["widgets"]:
        above: list[str] = []
        for line in widget["properties"].get("metrics", []):
            words = [word for word in line if isinstance(word, str)]
            if not words:
                # Computed from the others, by their ids.
                continue
            if words[0] == "...":
                words = [*above[: len(above) - len(words[1:])], *words[1:]]
            above = [above[at] if word == "." else word for at, word in enumerate(words)]
            found.append(above)
    return found
