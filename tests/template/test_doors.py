"""Each door: what its own imports call and read is what its own function may and is told.

A union over all functions would let one of them lend its rights to another.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.template import rules
from tests.template.calls import actions
from tests.template.imports import reachable
from tests.template.test_functions import COMMON, SENDING, UNSET, settings_named_in
from tests.template.test_rights import EXPECTED, NOT_CALLED, grants

RUN_BY_WORKERS = "a task's function runs in a worker; here only its name is looked up"
OF_ROUTES = "a route of the API; workers share its module"
ONE_STORE = "the store is one module; this door reads"
RECEIVED = "a hint is put off by the worker that received it"
SWEPT = "many records are read at once by the sweeper only"
STEPS = "only the code of a task that runs does steps"
WIRED = "part of every engine that is wired; this door never asks it"
CLOCKS = "alarm clocks are set by who makes schedules, and by the scheduler"
STRAYS = "alarm clocks without a schedule are looked for by a command"
SET_CLOCKS = dict.fromkeys(
    ["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:UpdateSchedule"], CLOCKS
) | {"scheduler:ListSchedules": STRAYS}
TOLD_CLOCKS = dict.fromkeys(
    ["WINDROW_SCHEDULE_GROUP", "WINDROW_SCHEDULE_ROLE", "WINDROW_SCHEDULE_TARGET"], CLOCKS
)

WORKERS = [name for name in EXPECTED if name.endswith("WorkerFunction")]
REFRESHING = {"WorkerFunction", "LongWorkerFunction"}
MAILING = {"EmailWorkerFunction"}

# Every door that submits or runs tasks loads all of them. What the code of one application calls
# and reads is for the functions that run it; the others only look up its name.
OWN_ACTIONS: dict[str, set[str]] = {
    "bedrock:InvokeModel": {"ArticlesWorkerFunction"},
    "translate:TranslateText": {"ArticlesWorkerFunction"},
    "lambda:InvokeFunction": {"WorkerFunction", "ArticlesWorkerFunction"},
    "s3:DeleteObject": {"CleanupWorkerFunction"},
    # Everybody who reads objects has it, for S3 to say that one is missing; cleanup lists by it.
    "s3:ListBucket": set(),
    "ses:SendEmail": MAILING,
    "sns:Publish": MAILING,
}
OWN_SETTINGS = {
    "ARTICLES_MODEL_ID": {"ArticlesWorkerFunction"},
    "ARTICLES_TRANSLATE": {"ArticlesWorkerFunction"},
    "COUNTRIES_API_KEY_ARN": REFRESHING,
    "COUNTRIES_UPSTREAM": REFRESHING,
    "MAIL_FROM": MAILING,
    "MAIL_TRANSPORT": MAILING,
    "NOTIFY_EMAIL": MAILING,
    "NOTIFY_TOPIC_ARN": MAILING,
}

# Imported, not called: what the modules of a door could call, and why the door does not.
OF_A_WORKER = {**SET_CLOCKS, "dynamodb:BatchGetItem": SWEPT}
KEYLESS = dict.fromkeys(
    ["secretsmanager:GetSecretValue", "ssm:GetParameter"],
    "keys are of the pools default and long: those of webhooks, and that of the countries",
)
UNCALLED = {name: {**OF_A_WORKER, **KEYLESS} for name in WORKERS} | {
    "ApiFunction": {
        "s3:AbortMultipartUpload": "maps are cut by workers; here their items are read",
        "scheduler:ListSchedules": STRAYS,
        "sqs:ChangeMessageVisibility": RECEIVED,
    },
    "CleanupWorkerFunction": {**SET_CLOCKS, **KEYLESS},
    "StatusFunction": {
        "dynamodb:PutItem": ONE_STORE,
        "dynamodb:Query": ONE_STORE,
        "dynamodb:UpdateItem": ONE_STORE,
    },
    # It reads many rows of its own at once.
    "ArticlesWorkerFunction": {**SET_CLOCKS, **KEYLESS},
    "WorkerFunction": OF_A_WORKER,
    "LongWorkerFunction": OF_A_WORKER,
    "SchedulerFunction": {
        "dynamodb:BatchGetItem": SWEPT,
        "dynamodb:DeleteItem": OF_ROUTES,
        "scheduler:ListSchedules": STRAYS,
        "s3:GetObject": RUN_BY_WORKERS,
        "secretsmanager:GetSecretValue": RUN_BY_WORKERS,
        "sqs:ChangeMessageVisibility": RECEIVED,
        "ssm:GetParameter": RUN_BY_WORKERS,
    },
    "SweeperFunction": {
        **SET_CLOCKS,
        "dynamodb:ConditionCheckItem": STEPS,
        "dynamodb:PutItem": "tasks and chunks are made by others; a sweep moves them on",
        "s3:GetObject": WIRED,
        "s3:PutObject": WIRED,
        "sqs:ChangeMessageVisibility": RECEIVED,
    },
    "StreamFunction": {
        **SET_CLOCKS,
        "dynamodb:BatchGetItem": SWEPT,
        "dynamodb:ConditionCheckItem": STEPS,
        "dynamodb:DeleteItem": OF_ROUTES,
        "s3:GetObject": WIRED,
        "s3:PutObject": "the params of a delivery are small",
        "secretsmanager:GetSecretValue": "only who registers or delivers needs the key",
        "sqs:ChangeMessageVisibility": RECEIVED,
        "ssm:GetParameter": "only who registers or delivers needs the key",
    },
    "DeadLettersFunction": {
        **SET_CLOCKS,
        "dynamodb:BatchGetItem": SWEPT,
        "dynamodb:ConditionCheckItem": STEPS,
        "dynamodb:PutItem": "a dead hint is noted on a record that is there",
        "dynamodb:Query": WIRED,
        "s3:GetObject": WIRED,
        "s3:PutObject": WIRED,
        "sqs:SendMessage": WIRED,
    },
    "EgressFunction": {},
}

# Likewise for settings: each has a default or may be absent, so that a door need not be told.
OUTGOING = dict.fromkeys(
    ("WINDROW_EGRESS", "WINDROW_EVENT_BUS", "WINDROW_RECEIVERS", "WINDROW_SIGNING_KEY"), WIRED
)


def untold(*told: str) -> dict[str, str]:
    """The settings of events and webhooks, without those that a door is told."""
    return {name: why for name, why in OUTGOING.items() if name not in told}


UNTOLD = {name: untold() | TOLD_CLOCKS for name in WORKERS} | {
    "StatusFunction": {"WINDROW_BUCKET": ONE_STORE, "WINDROW_RETENTION_DAYS": ONE_STORE}
    | TOLD_CLOCKS,
    "ApiFunction": untold("WINDROW_RECEIVERS", "WINDROW_SIGNING_KEY"),
    "WorkerFunction": untold("WINDROW_EGRESS", "WINDROW_SIGNING_KEY") | TOLD_CLOCKS,
    "ArticlesWorkerFunction": untold("WINDROW_EGRESS") | TOLD_CLOCKS,
    "SchedulerFunction": {"APPLICATION_TABLE": RUN_BY_WORKERS, **untold()},
    "SweeperFunction": {"WINDROW_BUCKET": WIRED, **untold(), **TOLD_CLOCKS},
    "StreamFunction": {
        "WINDROW_BUCKET": WIRED,
        "WINDROW_RETENTION_DAYS": WIRED,
        **untold("WINDROW_EVENT_BUS", "WINDROW_SIGNING_KEY"),
        **TOLD_CLOCKS,
    },
    "DeadLettersFunction": {
        **TOLD_CLOCKS,
        "WINDROW_BUCKET": WIRED,
        "WINDROW_RETENTION_DAYS": "it ends no record, so none gets a time to expire",
        **untold(),
    },
}


# Every engine is wired with them; requests are counted at the door of the API alone, and nobody
# else makes a schedule that the code does not declare.
OF_THE_API = {"WINDROW_REQUESTS_PER_MINUTE", "WINDROW_SCHEDULES_PER_TENANT"}


def others(own: Mapping[str, set[str]], name: str) -> set[str]:
    """What is called or read for other functions than this one."""
    return {each for each, functions in own.items() if name not in functions}


def modules(template: dict[str, Any], root: Path, name: str) -> set[Path]:
    door = root / rules.functions(template)[name]["CodeUri"] / "app.py"
    layers = [root / "layers" / layer / "python" for layer in ("windrow", "tasks")]
    return reachable(door, layers)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_a_door_calls_is_allowed_to_it_and_nothing_else(
    template: dict[str, Any], root: Path, name: str
) -> None:
    called = actions(modules(template, root, name))
    allowed = {action for _, action in grants(template, name)} - NOT_CALLED

    assert called - allowed - others(OWN_ACTIONS, name) == set(UNCALLED[name])
    assert allowed <= called


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_a_door_reads_is_told_to_it_and_nothing_else(
    template: dict[str, Any], root: Path, name: str
) -> None:
    read = set().union(*map(settings_named_in, modules(template, root, name))) - UNSET
    told = set(rules.functions(template)[name]["Environment"])

    assert read - told - OF_THE_API - others(OWN_SETTINGS, name) == set(UNTOLD.get(name, {}))
    assert told - COMMON - SENDING <= read


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_door_knows_the_queues_if_it_may_send_to_them(
    template: dict[str, Any], name: str
) -> None:
    may_send = {queue for queue, action in grants(template, name) if action == "sqs:SendMessage"}
    told = rules.functions(template)[name]["Environment"]

    assert {rules.target(told[setting]) for setting in SENDING & set(told)} == may_send


def test_imports_are_followed_through_packages_to_what_is_asked_for(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    files = {
        "shop/__init__.py": "def __getattr__(name):\n    from shop.declared import registry\n",
        "shop/declared.py": "import shop.goods",
        "shop/goods.py": "def later():\n    from store import shelf\n",
        "shop/status.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import store",
        "store/__init__.py": "",
        "store/shelf.py": "import json",
        "store/unused.py": "",
    }
    for name, text in files.items():
        path = layer / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    door, poll = tmp_path / "door.py", tmp_path / "poll.py"
    door.write_text("from shop import registry")
    poll.write_text("from shop.status import routes")

    def found(app: Path) -> set[str]:
        return {path.relative_to(layer).as_posix() for path in reachable(app, [layer])}

    assert found(door) == set(files) - {"shop/status.py", "store/unused.py"}
    assert found(poll) == {"shop/__init__.py", "shop/status.py"}
