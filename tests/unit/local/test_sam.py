"""`make sam-local`: what sam is told, what counts as an answer, and a plain word for no engine."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from windrow.cli import sam_local
from windrow.local import sam
from windrow.local.errors import SamLocalFailed
from windrow.local.project import Project
from windrow.local.template import read

ROOT = Path(__file__).parents[3]


def test_every_function_of_the_template_has_an_event() -> None:
    project = Project.at(ROOT)
    calls = sam.functions(read(project.template))

    events = {logical_id: sam.event_of(project, name).name for logical_id, name in calls.items()}

    assert events == {
        "ApiFunction": "api_refresh.json",
        "StatusFunction": "status_refresh.json",
        "WorkerFunction": "worker_task.json",
        "LongWorkerFunction": "worker_task.json",
        "EmailWorkerFunction": "mail_task.json",
        "ReportsWorkerFunction": "reports_task.json",
        "AnalyticsWorkerFunction": "worker_task.json",
        "CleanupWorkerFunction": "worker_task.json",
        "ArticlesWorkerFunction": "articles_task.json",
        "SchedulerFunction": "scheduler_daily.json",
        "SweeperFunction": "sweeper_tick.json",
        "DeadLettersFunction": "dead_letters_batch.json",
        "StreamFunction": "stream_batch.json",
        "EgressFunction": "egress_request.json",
    }


def test_a_function_without_an_event_is_said(project: Project) -> None:
    with pytest.raises(SamLocalFailed, match=r"no events/api_\*\.json"):
        sam.event_of(project, "api")


def test_without_an_engine_it_says_that_it_was_not_run(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(project.root))

    assert sam_local.run(project) == 0
    assert "not run, as no Docker engine answers" in capsys.readouterr().out


TEMPLATE = """
Resources:
  Api:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/api}
"""
ENDPOINT = "http://host.docker.internal:4566"
# Stands in for sam: writes down what it was told, and says what the file `answer` holds.
FAKE_SAM = """
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
with (here / "calls").open("a") as calls:
    print(json.dumps({"arguments": sys.argv[1:], "environment": dict(os.environ)}), file=calls)
if sys.argv[1] == "local":
    print((here / "answer").read_text())
"""


class FakeLambda:
    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        queue = "http://127.0.0.1:4566/000000000000/hints"
        return {"Environment": {"Variables": {"WINDROW_QUEUE_DEFAULT": queue, "SETTING": "ours"}}}


STACK: Any = SimpleNamespace(
    aws_endpoint="http://127.0.0.1:4566",
    resources={"Api": "windrow-api"},
    clients={"lambda": FakeLambda()},
)


@pytest.fixture
def fake_sam(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a stand-in for sam that answers as the API should."""
    project.template.write_text(TEMPLATE)
    (project.root / "events").mkdir()
    (project.root / "events" / "api_refresh.json").write_text('{"requestContext": {}}')
    folder = tmp_path / "fake sam"
    folder.mkdir()
    (folder / "sam.py").write_text(FAKE_SAM)
    (folder / "answer").write_text('{"statusCode": 202}')
    monkeypatch.setattr(sam, "COMMAND", [sys.executable, str(folder / "sam.py")])
    return folder


def calls(fake_sam: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (fake_sam / "calls").read_text().splitlines()]


def test_sam_builds_once_and_invokes_each_function(project: Project, fake_sam: Path) -> None:
    told = list(sam.invoke_each(project, STACK, ENDPOINT, ["--add-host", "name:1.2.3.4"]))

    build, invoke = (call["arguments"] for call in calls(fake_sam))
    assert build[0] == "build"
    assert invoke == [
        *("local", "invoke", "Api"),
        *("--template", str(project.home / "sam" / "build" / "template.yaml")),
        *("--event", str(project.root / "events" / "api_refresh.json")),
        *("--region", "us-east-1", "--parameter-overrides", "Auth=none"),
        *("--add-host", "name:1.2.3.4"),
    ]
    assert told == ['Api with events/api_refresh.json answered {"statusCode": 202}']


def test_a_function_in_a_container_reaches_the_stack_and_its_queues(
    project: Project, fake_sam: Path
) -> None:
    list(sam.invoke_each(project, STACK, ENDPOINT, []))

    template = json.loads((project.home / "sam" / "template.json").read_text())
    assert template["Resources"]["Api"]["Properties"]["Environment"]["Variables"] == {
        "AWS_ENDPOINT_URL": ENDPOINT,
        "SETTING": "ours",
        "WINDROW_QUEUE_DEFAULT": f"{ENDPOINT}/000000000000/hints",
    }


def test_nothing_of_the_developers_settings_reaches_a_container(
    project: Project, fake_sam: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "the developer's")
    monkeypatch.setenv("SETTING", "the developer's")

    list(sam.invoke_each(project, STACK, ENDPOINT, []))

    for call in calls(fake_sam):
        assert "the developer's" not in call["environment"].values()
        assert call["environment"]["AWS_REGION"] == "us-east-1"
        assert call["environment"]["AWS_ACCESS_KEY_ID"] == "test"


def test_a_bad_answer_ends_it(project: Project, fake_sam: Path) -> None:
    (fake_sam / "answer").write_text('{"statusCode": 500}')

    with pytest.raises(SamLocalFailed, match="Api: that is no answer to a request"):
        list(sam.invoke_each(project, STACK, ENDPOINT, []))


REQUEST: dict[str, Any] = {"requestContext": {}}
MESSAGES: dict[str, Any] = {"Records": []}
TICK: dict[str, Any] = {"schedule": "sweep"}


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (REQUEST, '{"statusCode": 200}'),
        (REQUEST, '{"statusCode": 404}'),
        (MESSAGES, '{"batchItemFailures": []}'),
        (TICK, "null"),
    ],
)
def test_an_answer_counts(event: dict[str, Any], said: str) -> None:
    assert sam.objection(event, said) is None


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (REQUEST, '{"statusCode": 500}'),
        (REQUEST, "null"),
        (MESSAGES, '{"batchItemFailures": [{"itemIdentifier": "1"}]}'),
        (MESSAGES, "null"),
        (TICK, '{"errorType": "KeyError", "errorMessage": "x"}'),
        (TICK, '{"errorMessage": "Task timed out"}'),
        (TICK, ""),
    ],
)
def test_what_is_no_answer_does_not_count(event: dict[str, Any], said: str) -> None:
    assert sam.objection(event, said) is not None
