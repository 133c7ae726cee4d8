"""Queues: no message is handed out twice for want of time, and none is thrown away unseen."""

from typing import Any

import pytest

from tests.template import rules
from tests.template.test_functions import POOLS


def queue(template: dict[str, Any], name: str) -> dict[str, Any]:
    properties: dict[str, Any] = template["Resources"][name]["Properties"]
    return properties


def test_every_queue_that_is_read_follows_the_rules(template: dict[str, Any]) -> None:
    assert rules.queues(template) == []


def test_every_pool_has_a_queue_and_a_worker(template: dict[str, Any]) -> None:
    readers = {
        rules.target(event["Queue"]): name for name, event in rules.triggers(template, "SQS")
    }

    workers = {f"{pool.title()}Queue": f"{pool.title()}WorkerFunction" for pool in POOLS}
    dead_letters = {f"{pool.title()}DeadLetters": "DeadLettersFunction" for pool in POOLS}
    assert readers == workers | {"DefaultQueue": "WorkerFunction"} | dead_letters


def test_a_queue_and_its_dead_letter_queue_name_each_other(template: dict[str, Any]) -> None:
    for source, dead in rules.dead_letter_queues(template).items():
        name = queue(template, source)["QueueName"]["Fn::Sub"]
        allowed = queue(template, dead)["RedriveAllowPolicy"]

        assert allowed["redrivePermission"] == "byQueue"
        assert [arn["Fn::Sub"].split(":")[-1] for arn in allowed["sourceQueueArns"]] == [
            name.split(":")[-1]
        ]


def test_hints_are_kept_for_four_days_and_dead_letters_for_fourteen(
    template: dict[str, Any],
) -> None:
    day = 24 * 60 * 60
    for source, dead in rules.dead_letter_queues(template).items():
        assert queue(template, source)["MessageRetentionPeriod"] == 4 * day
        assert queue(template, dead)["MessageRetentionPeriod"] == 14 * day


def test_every_queue_is_encrypted_and_takes_tls_only(template: dict[str, Any]) -> None:
    (policy,) = rules.of_type(template, "AWS::SQS::QueuePolicy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    names = set(rules.of_type(template, "AWS::SQS::Queue"))

    assert set(map(rules.target, policy["Properties"]["Queues"])) == names
    assert all(queue(template, name)["SqsManagedSseEnabled"] is True for name in names)
    assert (statement["Effect"], statement["Action"]) == ("Deny", "sqs:*")
    assert (statement["Principal"], statement["Resource"]) == ("*", "*"), "its own queue, for all"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_workers_take_one_hint_at_a_time_and_no_more_than_their_share(
    template: dict[str, Any],
) -> None:
    for name, event in rules.triggers(template, "SQS"):
        assert event["BatchSize"] == 1
        assert "MaximumConcurrency" in event["ScalingConfig"]
        assert "ReservedConcurrentExecutions" not in rules.functions(template)[name]


def test_workers_may_send_hints_for_as_long_as_a_task_needs(template: dict[str, Any]) -> None:
    assert rules.loops(template) == []


@pytest.mark.parametrize(
    ("name", "broken", "finding"),
    [
        (
            "DefaultQueue",
            {"VisibilityTimeout": 359},
            "DefaultQueue hides a message for less than 6 x the timeout of WorkerFunction.",
        ),
        (
            "LongDeadLetters",
            {"VisibilityTimeout": 30},
            "LongDeadLetters hides a message for less than 6 x the timeout of DeadLettersFunction.",
        ),
        (
            "DefaultDeadLetters",
            {"MessageRetentionPeriod": 345600},
            "DefaultDeadLetters keeps messages no longer than DefaultQueue.",
        ),
    ],
)
def test_the_rules_find_a_queue_with_too_little_time(
    template: dict[str, Any], name: str, broken: dict[str, Any], finding: str
) -> None:
    queue(template, name).update(broken)

    assert rules.queues(template) == [finding]


def test_the_rules_find_a_queue_that_gives_up_at_once(template: dict[str, Any]) -> None:
    queue(template, "LongQueue")["RedrivePolicy"]["maxReceiveCount"] = 1

    assert rules.queues(template) == ["LongQueue gives up on a message after too few receives."]


def test_the_rules_find_a_queue_without_dead_letters(template: dict[str, Any]) -> None:
    del queue(template, "DefaultQueue")["RedrivePolicy"]

    assert "DefaultQueue has no dead-letter queue." in rules.queues(template)


def test_the_rules_find_a_batch_that_fails_whole(template: dict[str, Any]) -> None:
    hints = template["Resources"]["WorkerFunction"]["Properties"]["Events"]["Hints"]
    del hints["Properties"]["FunctionResponseTypes"]

    assert rules.queues(template) == [
        "WorkerFunction fails a whole batch of DefaultQueue for one message."
    ]


def test_the_rules_find_a_worker_that_is_cut_off(template: dict[str, Any]) -> None:
    del template["Resources"]["LongWorkerFunction"]["Properties"]["RecursiveLoop"]

    assert rules.loops(template) == ["Lambda may cut a chain of LongWorkerFunction after 16 hops."]
