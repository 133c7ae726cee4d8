"""What must hold of the stack. Each rule reads a template and returns its findings as sentences.

A rule takes plain data and keeps nothing, so that it can be shown to bite on a broken copy.
"""

from collections.abc import Iterator, Mapping
from typing import Any

type Template = Mapping[str, Any]
type Resource = Mapping[str, Any]

# Lambda's advice: a batch may be tried again while the first try still runs.
VISIBILITY_FACTOR = 6
# SQS may count a receive that no worker ever saw.
FEWEST_RECEIVES = 5
# X-Ray's write actions and Translate's work on no resource, so IAM takes nothing but a star there.
# SES asks for one identity or another, the recipient's among them; a condition names the sender.
# To which models an inference profile leads is Bedrock's to say; a condition names the profile.
STARS = {
    ("TracingPolicy", "TracesHaveNoResource"),
    ("EmailWorkerRole", "Mail"),
    ("ArticlesWorkerRole", "TranslateHasNoResource"),
    ("ArticlesWorkerRole", "ModelsOfTheProfile"),
}
# Those that the functions make themselves, in the stack's own group.
OWN_SCHEDULES = ":schedule/${AWS::StackName}/s.*"

# The topic where one was given; without one no action at all.
TOLD = {
    "Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}],
}


def of_type(template: Template, kind: str) -> dict[str, Resource]:
    """The resources of a type, by logical id."""
    resources = template["Resources"].items()
    return {name: resource for name, resource in resources if resource["Type"] == kind}


def functions(template: Template) -> dict[str, Resource]:
    """The properties of each function, the globals merged in where a rule needs them."""
    shared = template.get("Globals", {}).get("Function", {})
    return {
        name: shared
        | resource["Properties"]
        | {
            "Environment": {**_variables(shared), **_variables(resource["Properties"])},
            "Layers": [*shared.get("Layers", []), *resource["Properties"].get("Layers", [])],
        }
        for name, resource in of_type(template, "AWS::Serverless::Function").items()
    }


def target(value: Any) -> str:
    """The logical id that a `Ref` or a `GetAtt` points at; empty for anything else."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name
        case _:
            return ""


def triggers(template: Template, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each event of a kind: the logical id of its function, and its properties."""
    for name, properties in functions(template).items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == kind:
                yield name, event["Properties"]


def dead_letter_queues(template: Template) -> dict[str, str]:
    """The dead-letter queue of each queue that has one, by logical id."""
    return {
        name: target(queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"])
        for name, queue in of_type(template, "AWS::SQS::Queue").items()
        if "RedrivePolicy" in queue["Properties"]
    }


def queues(template: Template) -> list[str]:
    """A queue that is read gives its reader time, and has a dead-letter queue that keeps longer."""
    found = []
    dead = dead_letter_queues(template)
    all_queues = of_type(template, "AWS::SQS::Queue")
    for reader, trigger in triggers(template, "SQS"):
        name = target(trigger["Queue"])
        queue = all_queues[name]["Properties"]
        timeout = functions(template)[reader]["Timeout"]
        if queue.get("VisibilityTimeout", 30) < VISIBILITY_FACTOR * timeout:
            found.append(f"{name} hides a message for less than 6 x the timeout of {reader}.")
        if "ReportBatchItemFailures" not in trigger.get("FunctionResponseTypes", []):
            found.append(f"{reader} fails a whole batch of {name} for one message.")
        if name in dead.values():
            continue
        if name not in dead:
            found.append(f"{name} has no dead-letter queue.")
            continue
        if int(queue["RedrivePolicy"]["maxReceiveCount"]) < FEWEST_RECEIVES:
            found.append(f"{name} gives up on a message after too few receives.")
        if _retention(all_queues[dead[name]]) <= _retention(all_queues[name]):
            found.append(f"{dead[name]} keeps messages no longer than {name}.")
    return found


def rights(template: Template) -> list[str]:
    """No policy allows a wildcard action, or anything on a wildcard but for the named stars."""
    found = []
    for name, statement in statements(template):
        if statement["Effect"] != "Allow":
            continue
        if "NotAction" in statement or "NotResource" in statement:
            found.append(f"{name} allows everything but something.")
        found += [
            f"{name} allows {action}."
            for action in _listed(statement.get("Action"))
            if "*" in str(action)
        ]
        if (name, statement.get("Sid")) not in STARS:
            found += [
                f"{name} allows {_listed(statement.get('Action'))} on {resource}."
                for resource in _listed(statement.get("Resource"))
                if _is_wide(resource)
            ]
    for name, role in of_type(template, "AWS::IAM::Role").items():
        for policy in role["Properties"].get("ManagedPolicyArns", []):
            if not target(policy):
                found.append(f"{name} carries a policy that is not in this template: {policy}.")
    return found


def roles(template: Template) -> list[str]:
    """Each function has a role of its own, written out: SAM's own would carry wide policies."""
    found = []
    taken: set[str] = set()
    for name, properties in functions(template).items():
        role = target(properties.get("Role"))
        if role not in of_type(template, "AWS::IAM::Role"):
            found.append(f"{name} has no role in this template.")
        if role in taken:
            found.append(f"{name} shares its role {role}.")
        taken.add(role)
    return found


def routes(template: Template) -> list[str]:
    """Nobody opens the API by accident: Auth must be said, and each route asks it."""
    found = []
    if "Default" in template["Parameters"]["Auth"]:
        found.append("Auth has a default.")
    for name, route in of_type(template, "AWS::ApiGatewayV2::Route").items():
        if route["Properties"].get("AuthorizationType") != {
            "Fn::If": ["IamAuth", "AWS_IAM", "NONE"]
        }:
            found.append(f"{name} does not ask Auth who may call.")
    for kind in ("AWS::Serverless::HttpApi", "AWS::Serverless::Api", "AWS::ApiGatewayV2::Api"):
        for name, api in of_type(template, kind).items():
            if kind != "AWS::ApiGatewayV2::Api" or "Body" in api["Properties"]:
                found.append(f"{name} has routes that cannot be seen here.")
    if "AuthNotice" not in template["Outputs"]:
        found.append("No output says what Auth means.")
    return found


def logs(template: Template) -> list[str]:
    """Each function writes to a log group of its own, which forgets."""
    found = []
    groups = of_type(template, "AWS::Logs::LogGroup")
    taken: set[str] = set()
    for name, properties in functions(template).items():
        group = target(properties.get("LoggingConfig", {}).get("LogGroup"))
        if group not in groups:
            found.append(f"{name} has no log group in this template.")
        if group in taken:
            found.append(f"{name} shares its log group {group}.")
        taken.add(group)
    found += [
        f"{name} keeps its lines for ever."
        for name, group in groups.items()
        if "RetentionInDays" not in group["Properties"]
    ]
    return found


def loops(template: Template) -> list[str]:
    """A worker that sends hints may be in one chain more than 16 times."""
    return [
        f"Lambda may cut a chain of {name} after 16 hops."
        for name, properties in functions(template).items()
        if any(reader == name for reader, _ in triggers(template, "SQS"))
        and any(variable.startswith("WINDROW_QUEUE_") for variable in properties["Environment"])
        and properties.get("RecursiveLoop") != "Allow"
    ]


def alarms(template: Template) -> list[str]:
    """Somebody is told of what waits, of a silent sweeper, of failing functions and tasks."""
    watched = {
        (alarm["Properties"]["MetricName"], target(dimension["Value"]))
        for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()
        for dimension in alarm["Properties"]["Dimensions"]
    }
    ours = ("OldestOverdueSeconds", "HaltedSeconds", "DeadLetters", "MessagesFailed", "TasksFailed")
    wanted = {(metric, "AWS::StackName") for metric in ours}
    wanted |= {("ApproximateAgeOfOldestMessage", queue) for queue in dead_letter_queues(template)}
    wanted |= {
        ("ApproximateNumberOfMessagesVisible", queue)
        for queue in dead_letter_queues(template).values()
    }
    wanted |= {("Errors", name) for name in functions(template)}
    found = [f"No alarm watches {metric} of {whose}." for metric, whose in sorted(wanted - watched)]
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        is_sweepers = alarm["Properties"]["MetricName"] == "OldestOverdueSeconds"
        if is_sweepers and alarm["Properties"]["TreatMissingData"] != "breaching":
            found.append(f"{name} is content when the sweeper is silent.")
        if any(alarm["Properties"].get(way) != TOLD for way in ("AlarmActions", "OKActions")):
            found.append(f"{name} does not notify the topic.")
    return found


def statements(template: Template) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each statement of an identity policy, with the logical id of its resource."""
    for name, role in of_type(template, "AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", []):
            yield from _statements(name, policy["PolicyDocument"])
    for kind in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
        for name, policy in of_type(template, kind).items():
            yield from _statements(name, policy["Properties"]["PolicyDocument"])


def _statements(name: str, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for statement in _listed(document["Statement"]):
        # A statement may depend on a condition: what it would allow counts.
        for candidate in statement["Fn::If"][1:] if "Fn::If" in statement else [statement]:
            if "Effect" in candidate:
                yield name, candidate


def _is_wide(resource: Any) -> bool:
    """A star stands for more than the objects below one prefix of one bucket, or the schedules of
    one prefix in the stack's group.
    """
    match resource:
        case str(arn) | {"Fn::Sub": str(arn)}:
            bucket, _, rest = arn.partition("/")
            is_prefix = bucket.endswith("Bucket.Arn}") and rest.endswith("/*") and len(rest) > 2
            if arn.endswith(OWN_SCHEDULES):
                return "*" in arn.removesuffix(OWN_SCHEDULES)
            return "*" in (rest[:-2] if is_prefix else arn)
        case {"Ref": _} | {"Fn::GetAtt": _}:
            return False
        case _:
            return True


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _variables(properties: Mapping[str, Any]) -> dict[str, Any]:
    return dict(properties.get("Environment", {}).get("Variables", {}))


def _retention(queue: Resource) -> int:
    # SQS keeps a message for four days where nothing is said.
    return int(queue["Properties"].get("MessageRetentionPeriod", 345600))
