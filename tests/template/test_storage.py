"""Tables and bucket: what is kept survives mistakes, is nobody else's to read, and ends in time."""

from typing import Any

import pytest

from windrow.model.terms import FARTHEST

# The bucket's policy too: what is kept stays closed to plain HTTP.
KEPT = ("TasksTable", "ApplicationTable", "Bucket", "BucketPolicy")
TABLES = ("TasksTable", "ApplicationTable")


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_outlives_the_stack_unless_it_never_came_up(
    template: dict[str, Any], name: str
) -> None:
    assert template["Resources"][name]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert template["Resources"][name]["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_costs_nothing_idle_and_can_be_brought_back(
    template: dict[str, Any], name: str
) -> None:
    table = template["Resources"][name]["Properties"]

    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert "SSESpecification" not in table, "DynamoDB's own key encrypts without a charge"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert keys(table) == {"HASH": "PK", "RANGE": "SK"}


def test_every_key_attribute_is_a_string_and_is_declared(template: dict[str, Any]) -> None:
    for name in TABLES:
        table = template["Resources"][name]["Properties"]
        indexes = table.get("GlobalSecondaryIndexes", [])
        used = set().union(*(keys(part).values() for part in (table, *indexes)))
        declared = {each["AttributeName"] for each in table["AttributeDefinitions"]}

        assert used == declared
        assert {each["AttributeType"] for each in table["AttributeDefinitions"]} == {"S"}


def test_the_indexes_carry_keys_and_what_lists_are_filtered_by(template: dict[str, Any]) -> None:
    indexes = template["Resources"]["TasksTable"]["Properties"]["GlobalSecondaryIndexes"]

    assert {index["IndexName"]: keys(index) for index in indexes} == {
        "ready": {"HASH": "ready_shard", "RANGE": "ready_at"},
        "due": {"HASH": "due_shard", "RANGE": "due_at"},
        "list": {"HASH": "list_shard", "RANGE": "list_at"},
    }
    assert {index["IndexName"]: carried(index) for index in indexes} == {
        "ready": set(),
        "due": set(),
        "list": {"name", "priority", "list_error", "parent", "schedule"},
    }


def test_the_bucket_is_closed_and_encrypted(template: dict[str, Any]) -> None:
    bucket = template["Resources"]["Bucket"]["Properties"]
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_the_bucket_takes_tls_only(template: dict[str, Any]) -> None:
    document = template["Resources"]["BucketPolicy"]["Properties"]["PolicyDocument"]
    (statement,) = document["Statement"]

    assert statement["Effect"] == "Deny"
    assert statement["Action"] == "s3:*"
    assert statement["Resource"] == [
        {"Fn::GetAtt": ["Bucket", "Arn"]},
        {"Fn::Sub": "${Bucket.Arn}/*"},
    ]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_maps_items_end_with_its_record(template: dict[str, Any]) -> None:
    lifecycle = template["Resources"]["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = (rule for rule in lifecycle if rule.get("Prefix") == "tasks/")

    assert rule["Status"] == "Enabled"
    assert rule["ExpirationInDays"] == {"Ref": "RetentionDays"}


def test_what_a_later_task_needs_outlives_its_delay_and_its_record(
    template: dict[str, Any],
) -> None:
    lifecycle = template["Resources"]["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = (rule for rule in lifecycle if rule.get("Prefix") == "later/")
    longest = max(template["Parameters"]["RetentionDays"]["AllowedValues"])

    assert rule["Status"] == "Enabled"
    assert rule["ExpirationInDays"] >= FARTHEST.days + longest


def keys(part: dict[str, Any]) -> dict[str, str]:
    """The key attributes of a table or an index, by their part."""
    return {key["KeyType"]: key["AttributeName"] for key in part["KeySchema"]}


def carried(index: dict[str, Any]) -> set[str]:
    """What an index shows besides keys."""
    projection = index["Projection"]
    assert projection["ProjectionType"] in ("KEYS_ONLY", "INCLUDE")
    return set(projection.get("NonKeyAttributes", ()))
