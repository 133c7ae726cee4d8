"""Rights: each function may do what it does, to what it does it to, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from tests.template import rules
from tests.template.calls import actions
from tests.template.test_functions import POOLS, UNTRACED

TASKS = "TasksTable"
ROWS = "ApplicationTable"
QUEUES = tuple(f"{pool.title()}Queue" for pool in POOLS)
BEDROCK = "arn:AWS::Partition}:bedrock:"
MODELS = (
    BEDROCK + "AWS::Region}::foundation-model/ArticlesModelId}",
    BEDROCK + "AWS::Region}:AWS::AccountId}:inference-profile/ArticlesModelId}",
    BEDROCK + "*::foundation-model/*",
)
IDENTITIES = "arn:AWS::Partition}:ses:AWS::Region}:AWS::AccountId}:identity/*"
DEFAULT_BUS = "arn:AWS::Partition}:events:AWS::Region}:AWS::AccountId}:event-bus/default"

READ = {"dynamodb:GetItem", "dynamodb:Query"}
WRITE = {"dynamodb:PutItem", "dynamodb:UpdateItem"}
# With these a step's transaction may hold whatever context.transact takes.
TRANSACTED = {"dynamodb:ConditionCheckItem", "dynamodb:DeleteItem"}
READ_QUEUE = {
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
}
READ_STREAM = {
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
}
TRACES = {("*", "xray:PutTraceSegments"), ("*", "xray:PutTelemetryRecords")}


def named(resource: Any) -> str:
    """A resource as short as a test can say it: `TasksTable`, `TasksTable/index/due`."""
    match resource:
        case {"Fn::Sub": str(text)}:
            return text.replace("${", "").replace(".Arn}", "")
        case str(text):
            return text
        case _:
            return rules.target(resource)


def grants(template: dict[str, Any], function: str) -> set[tuple[str, str]]:
    """Everything a function's role allows, as pairs of a resource and an action."""
    role = rules.target(rules.functions(template)[function]["Role"])
    carried = template["Resources"][role]["Properties"].get("ManagedPolicyArns", [])
    sources = {role, *(rules.target(policy) for policy in carried)}
    return {
        (named(resource), action)
        for name, statement in rules.statements(template)
        if name in sources and statement["Effect"] == "Allow"
        for resource in _listed(statement["Resource"])
        for action in _listed(statement["Action"])
    }


def on(resource: str, actions: set[str]) -> set[tuple[str, str]]:
    return {(resource, action) for action in actions}


def logs(function: str) -> set[tuple[str, str]]:
    group = function.removesuffix("Function") + "Logs"
    return on(group, {"logs:CreateLogStream", "logs:PutLogEvents"})


def hints() -> set[tuple[str, str]]:
    return {(queue, "sqs:SendMessage") for queue in QUEUES}


def clocks() -> set[tuple[str, str]]:
    """The alarm clocks that a function sets, and the role that it hands to them."""
    group = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule"
    own = named({"Fn::Sub": group + "/${AWS::StackName}/s.*"})
    acts = {"scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:UpdateSchedule"}
    return on(own, acts) | on("SchedulesRole", {"iam:PassRole"})


def signing() -> set[tuple[str, str]]:
    """The key of webhooks: a secret of the stack, or somebody's secret or parameter."""
    given = {"secretsmanager:GetSecretValue", "ssm:GetParameter"}
    return on("SigningKey", {"secretsmanager:GetSecretValue"}) | on("Webhooks", given)


def work() -> set[tuple[str, str]]:
    return (
        on(TASKS, READ | WRITE | TRANSACTED)
        | on(f"{TASKS}/index/ready", {"dynamodb:Query"})
        | on(ROWS, READ | WRITE | TRANSACTED)
        | on("Bucket/tasks/*", {"s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"})
        | on("Bucket/later/*", {"s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"})
        | on("Bucket/items/*", {"s3:GetObject"})
        | on("Bucket", {"s3:ListBucket"})
        | hints()
    )


def refreshing() -> set[tuple[str, str]]:
    return on("Bucket/countries/*", {"s3:GetObject", "s3:PutObject"}) | on(
        "CountriesApiKeyArn", {"secretsmanager:GetSecretValue", "ssm:GetParameter"}
    )


def egress() -> set[tuple[str, str]]:
    return on("EgressFunction", {"lambda:InvokeFunction"})


EXPECTED = {
    "ApiFunction": on(
        TASKS, {"dynamodb:BatchGetItem", "dynamodb:DescribeTable"} | TRANSACTED | READ | WRITE
    )
    | on(f"{TASKS}/index/due", {"dynamodb:Query"})
    | on(f"{TASKS}/index/ready", {"dynamodb:Query"})
    | on(f"{TASKS}/index/list", {"dynamodb:Query"})
    | clocks()
    | signing()
    | on(ROWS, {"dynamodb:DeleteItem", "dynamodb:PutItem"} | READ)
    | on("Bucket/countries/*", {"s3:GetObject"})
    | on("Bucket/tasks/*", {"s3:GetObject", "s3:PutObject"})
    | on("Bucket/later/*", {"s3:GetObject", "s3:PutObject"})
    | on("Bucket/items/*", {"s3:GetObject"})
    | on("Bucket/reports/*", {"s3:GetObject"})
    | on("Bucket", {"s3:ListBucket"})
    | hints(),
    "StatusFunction": on(TASKS, {"dynamodb:GetItem"}),
    "WorkerFunction": work() | refreshing() | on("DefaultQueue", READ_QUEUE) | egress() | signing(),
    "LongWorkerFunction": work() | refreshing() | on("LongQueue", READ_QUEUE),
    "EmailWorkerFunction": work()
    | on("EmailQueue", READ_QUEUE)
    | on(IDENTITIES, {"ses:SendEmail", "ses:SendRawEmail"})
    | on("NotifyTopicArn", {"sns:Publish"})
    | on("Bucket/reports/*", {"s3:GetObject"}),
    "ReportsWorkerFunction": work()
    | on("ReportsQueue", READ_QUEUE)
    | on("Bucket/reports/*", {"s3:GetObject", "s3:PutObject"})
    | on(f"{TASKS}/index/list", {"dynamodb:Query"}),
    "AnalyticsWorkerFunction": work()
    | on("AnalyticsQueue", READ_QUEUE)
    | on(f"{TASKS}/index/list", {"dynamodb:Query"}),
    "CleanupWorkerFunction": work()
    | on("CleanupQueue", READ_QUEUE)
    | on(TASKS, {"dynamodb:BatchGetItem"})
    | on("Bucket/tasks/*", {"s3:DeleteObject"})
    | on("Bucket/later/*", {"s3:DeleteObject"})
    | on("Bucket/reports/*", {"s3:DeleteObject"})
    | on("Bucket/archive/*", {"s3:GetObject", "s3:PutObject"})
    | on(f"{TASKS}/index/list", {"dynamodb:Query"}),
    "ArticlesWorkerFunction": work()
    | egress()
    | on("ArticlesQueue", READ_QUEUE)
    | on(ROWS, {"dynamodb:BatchGetItem"})
    | {(model, "bedrock:InvokeModel") for model in MODELS}
    | on("*", {"translate:TranslateText"}),
    "SchedulerFunction": on(TASKS, {"dynamodb:ConditionCheckItem"} | READ | WRITE)
    | on(f"{TASKS}/index/due", {"dynamodb:Query"})
    | clocks()
    | on("Bucket/tasks/*", {"s3:PutObject"})
    | on("Bucket/later/*", {"s3:PutObject"})
    | hints(),
    "SweeperFunction": on(
        TASKS,
        {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"},
    )
    | on(f"{TASKS}/index/due", {"dynamodb:Query"})
    | on(f"{TASKS}/index/ready", {"dynamodb:Query"})
    | hints(),
    "DeadLettersFunction": on(TASKS, {"dynamodb:GetItem", "dynamodb:UpdateItem"})
    | {(f"{pool.title()}DeadLetters", action) for pool in POOLS for action in READ_QUEUE},
    "StreamFunction": on(TASKS, READ | WRITE)
    | on(TASKS, READ_STREAM)
    | on("DefaultQueue", {"sqs:SendMessage"})
    | on("Events", {"events:PutEvents"})
    | on(DEFAULT_BUS, {"events:PutEvents"}),
    "EgressFunction": set(),
}
# What Lambda does in a function's name, what makes S3 say that an object is missing, and what SES
# asks for where a mail has files.
NOT_CALLED = (
    (READ_QUEUE - {"sqs:ChangeMessageVisibility"})
    | READ_STREAM
    | {
        "iam:PassRole",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:ListBucket",
        "ses:SendRawEmail",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)


def test_no_policy_allows_a_wildcard(template: dict[str, Any]) -> None:
    assert rules.rights(template) == []


def test_the_transform_adds_no_wildcard(transformed: dict[str, Any]) -> None:
    assert rules.rights(transformed) == []


def test_stars_are_for_actions_that_work_on_no_resource(
    template: dict[str, Any],
) -> None:
    starred = [
        statement for _, statement in rules.statements(template) if statement["Resource"] == "*"
    ]

    assert [statement["Action"] for statement in starred] == [
        "translate:TranslateText",
        ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    ]


def test_any_model_may_be_asked_through_the_one_profile_only(template: dict[str, Any]) -> None:
    (statement,) = [
        each for _, each in rules.statements(template) if each.get("Sid") == "ModelsOfTheProfile"
    ]

    (condition,) = statement["Condition"]["StringEquals"].items()
    assert condition[0] == "bedrock:InferenceProfileArn"
    assert condition[1]["Fn::Sub"].endswith(":inference-profile/${ArticlesModelId}")


def test_mail_is_sent_in_one_name_only(template: dict[str, Any]) -> None:
    (statement,) = [
        statement
        for _, statement in rules.statements(template)
        if "ses:SendEmail" in _listed(statement["Action"])
    ]

    assert statement["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}}


def test_a_role_is_handed_to_the_scheduler_only(template: dict[str, Any]) -> None:
    passes = [
        statement
        for _, statement in rules.statements(template)
        if "iam:PassRole" in _listed(statement["Action"])
    ]

    assert len(passes) == 2
    for statement in passes:
        assert rules.target(statement["Resource"]) == "SchedulesRole"
        assert statement["Condition"] == {
            "StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}
        }


def test_every_function_has_a_role_of_its_own(template: dict[str, Any]) -> None:
    assert rules.roles(template) == []


@pytest.mark.parametrize("function", sorted(EXPECTED))
def test_a_function_may_do_what_it_does_and_nothing_else(
    template: dict[str, Any], function: str
) -> None:
    traces = set() if function in UNTRACED else TRACES

    assert grants(template, function) == EXPECTED[function] | logs(function) | traces


def test_the_rights_of_every_function_are_listed_here(template: dict[str, Any]) -> None:
    assert set(EXPECTED) == set(rules.functions(template))


def test_nobody_may_scan_and_nothing_does(template: dict[str, Any], root: Path) -> None:
    granted = {action for name in EXPECTED for _, action in grants(template, name)}
    called = actions((root / "layers").rglob("*.py"))

    assert not [action for action in granted | called if "Scan" in action or "PartiQL" in action]


def test_calls_are_found_with_the_right_that_iam_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "store.py"
    path.write_text(
        'aws.call("dynamodb", "GetItem", {})\n'
        'self._aws.call("sqs", "SendMessageBatch", entries)\n'
        'aws.call("dynamodb", "TransactWriteItems", {"TransactItems": [{"Delete": key}]})\n'
        'other("s3", "PutObject")\n'
    )

    assert actions([path]) == {"dynamodb:GetItem", "sqs:SendMessage", "dynamodb:DeleteItem"}


def test_the_api_key_is_only_readable_where_there_is_one(template: dict[str, Any]) -> None:
    policy = template["Resources"]["CountriesPolicy"]["Properties"]["PolicyDocument"]
    conditional = [entry["Fn::If"][0] for entry in policy["Statement"] if "Fn::If" in entry]

    assert conditional == ["HasCountriesApiKey"]


def test_schedules_act_for_this_stack_only_and_start_two_functions(
    template: dict[str, Any],
) -> None:
    role = template["Resources"]["SchedulesRole"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    (allowed,) = role["Policies"][0]["PolicyDocument"]["Statement"]
    arns = [arn["Fn::Sub"] for arn in allowed["Resource"]]

    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": {"Ref": "AWS::AccountId"},
        "aws:SourceArn": {"Fn::GetAtt": ["Schedules", "Arn"]},
    }
    assert allowed["Action"] == "lambda:InvokeFunction"
    assert [arn.rsplit(":function:", 1)[-1] for arn in arns] == [
        "${AWS::StackName}-scheduler",
        "${AWS::StackName}-sweeper",
    ]


@pytest.mark.parametrize(
    ("planted", "finding"),
    [
        ({"Action": "s3:*"}, "StatusRole allows s3:*."),
        ({"Action": ["dynamodb:Get*"]}, "StatusRole allows dynamodb:Get*."),
        ({"Resource": "*"}, "StatusRole allows ['dynamodb:GetItem'] on *."),
        (
            {"Resource": {"Fn::Sub": "${TasksTable.Arn}/index/*"}},
            "StatusRole allows ['dynamodb:GetItem'] on {'Fn::Sub': '${TasksTable.Arn}/index/*'}.",
        ),
        (
            {"Resource": {"Fn::Sub": "${Bucket.Arn}/*"}},
            "StatusRole allows ['dynamodb:GetItem'] on {'Fn::Sub': '${Bucket.Arn}/*'}.",
        ),
        (
            {"Resource": {"Fn::Join": ["", ["arn:", "*"]]}},
            "StatusRole allows ['dynamodb:GetItem'] on {'Fn::Join': ['', ['arn:', '*']]}.",
        ),
        (
            {"Resource": {"Fn::Sub": "arn:*:schedule/${AWS::StackName}/s.*"}},
            "StatusRole allows ['dynamodb:GetItem'] on"
            " {'Fn::Sub': 'arn:*:schedule/${AWS::StackName}/s.*'}.",
        ),
        ({"NotAction": "iam:PassRole"}, "StatusRole allows everything but something."),
    ],
)
def test_the_rules_find_a_planted_wildcard(
    template: dict[str, Any], planted: dict[str, Any], finding: str
) -> None:
    role = template["Resources"]["StatusRole"]["Properties"]
    role["Policies"][0]["PolicyDocument"]["Statement"][1].update(planted)

    assert rules.rights(template) == [finding]


def test_the_rules_find_a_policy_of_aws(template: dict[str, Any]) -> None:
    arn = "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess"
    template["Resources"]["ApiRole"]["Properties"]["ManagedPolicyArns"].append(arn)

    assert rules.rights(template) == [
        f"ApiRole carries a policy that is not in this template: {arn}."
    ]


def test_the_rules_find_a_function_that_leaves_its_role_to_sam(template: dict[str, Any]) -> None:
    del template["Resources"]["SweeperFunction"]["Properties"]["Role"]

    assert rules.roles(template) == ["SweeperFunction has no role in this template."]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
