"""A task sends its mail once: whatever fails, and wherever the worker dies."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import Deployment
from windrow.engine.submit import submit
from windrow.model.records import Task
from windrow.model.states import State

PARAMS = {"fir_id": "fir_12345", "recipient_email": "user@example.com"}
RESULT = {"status": "success", "message": "Email sent successfully"}


def submitted(deployment: Deployment, name: str = "email.send_confirmation", **params: Any) -> str:
    return submit(deployment.engine, name, params or PARAMS).task.ref.task


def ended(deployment: Deployment, task_id: str) -> Task:
    """The task, an hour later."""
    deployment.pump()
    deployment.run_for(timedelta(hours=1), tick=timedelta(minutes=10))
    return deployment.task(task_id)


def numbers(deployment: Deployment) -> list[str]:
    """What each mail that was taken is called in its own header."""
    simple = [mail["Content"]["Simple"] for mail in deployment.services.ses.sent]
    return [each["Headers"][0]["Value"] for each in simple]


@pytest.mark.parametrize("name", ["email.send_confirmation", "email.send_fir_confirmation"])
def test_a_confirmation_is_sent(deployment: Deployment, name: str) -> None:
    task_id = submitted(deployment, name)

    deployment.pump()

    (mail,) = deployment.services.ses.sent
    simple = mail["Content"]["Simple"]
    assert json.loads(deployment.task(task_id).result or "") == RESULT
    assert mail["Destination"] == {"ToAddresses": ["user@example.com"]}
    assert mail["FromEmailAddress"] == "windrow@example.com"
    assert mail["EmailTags"] == [{"Name": "windrow-task", "Value": task_id}]
    assert simple["Subject"]["Data"] == "Your report fir_12345 has been registered"
    assert "fir_12345" in simple["Body"]["Text"]["Data"]
    assert "fir_12345" in simple["Body"]["Html"]["Data"]


def test_a_worker_may_die_at_any_call_and_one_mail_is_sent(deployment: Deployment) -> None:
    """Only a death between the provider's yes and the note of it sends a mail again, and then
    both have one number.
    """
    calls = lived(deployment).calls
    sends, note = calls.index("SendEmail"), calls.index("TransactWriteItems")
    assert sends + 1 == note

    for call in range(len(calls)):
        for effect in ("killed before", "killed after"):
            life = lived(deployment, effect, call)
            again = (effect, call) in (("killed after", sends), ("killed before", note))
            assert len(life.mails) == (2 if again else 1), (effect, calls[call])
            assert len(set(life.mails)) == 1
            assert life.task.state is State.SUCCEEDED


@dataclass(frozen=True)
class Life:
    """A task that has ended, the calls of its first worker, and the numbers of its mails."""

    task: Task
    calls: list[str]
    mails: list[str]


def lived(deployment: Deployment, effect: str | None = None, call: int = 0) -> Life:
    """The life of a mail whose worker died at this call of its."""
    task_id = submitted(deployment)
    deployment.port.calls.clear()
    deployment.services.ses.sent.clear()
    if effect:
        deployment.port.plan(effect, "", skip=call)
    deployment.pump()
    calls = [name for name, _ in deployment.port.calls]
    deployment.hints.lose()
    deployment.run_for(timedelta(minutes=3))
    return Life(deployment.task(task_id), calls, numbers(deployment))


@contextmanager
def refusing(deployment: Deployment, code: str, *, times: int) -> Iterator[list[float]]:
    """SES answers this code so often; the seconds between its refusals."""
    at: list[float] = []

    def refuses(_mail: Any) -> str | None:
        if len(at) >= times:
            return None
        at.append(deployment.clock.now().timestamp())
        return code

    deployment.services.ses.refuses = refuses
    yield at


def test_a_mail_that_is_refused_for_good_fails_at_once(deployment: Deployment) -> None:
    task_id = submitted(deployment)

    with refusing(deployment, "MessageRejected", times=9) as asked:
        task = ended(deployment, task_id)

    assert (task.state, task.attempt, len(asked)) == (State.FAILED, 1, 1)
    assert task.error is not None
    assert task.error.kind == "MailRefused"
    assert "MessageRejected" in task.error.message


def test_a_throttled_mail_is_tried_three_times_more_and_no_oftener(
    deployment: Deployment,
) -> None:
    task_id = submitted(deployment)

    with refusing(deployment, "TooManyRequestsException", times=9) as asked:
        task = ended(deployment, task_id)

    assert (task.state, len(asked)) == (State.FAILED, 4)
    assert task.error is not None
    assert task.error.kind == "MailDeferred"


def test_a_mail_that_is_taken_at_the_third_try_is_sent_once(deployment: Deployment) -> None:
    task_id = submitted(deployment)

    with refusing(deployment, "LimitExceededException", times=2):
        task = ended(deployment, task_id)

    assert task.state is State.SUCCEEDED
    assert len(numbers(deployment)) == 1


def test_two_tasks_send_two_mails_with_numbers_of_their_own(deployment: Deployment) -> None:
    submitted(deployment)
    submitted(deployment)

    deployment.pump()

    assert len(set(numbers(deployment))) == 2


def test_without_a_sender_the_task_says_what_is_missing(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_FROM", "")
    task_id = submitted(deployment)

    task = ended(deployment, task_id)

    assert task.attempt == 1
    assert task.error is not None
    assert "MAIL_FROM is not set" in task.error.message


def test_a_mail_carries_a_file_and_a_report_of_its_tenant(deployment: Deployment) -> None:
    key = "reports/default/01/report.pdf"
    stored = {"Bucket": "windrow-bucket", "Key": key, "Body": b"%PDF-", "ContentType": "a/b"}
    deployment.services.call("s3", "PutObject", stored)
    files = [
        {"filename": "hello.txt", "content_base64": "aGVsbG8="},
        {"filename": "report.pdf", "report": key},
    ]

    submitted(
        deployment,
        "email.send_message",
        to="ada@example.com",
        subject="Files",
        html="<p>Two files</p>",
        attachments=files,
    )
    deployment.pump()

    (mail,) = deployment.services.ses.sent
    attached = mail["Content"]["Simple"]["Attachments"]
    assert [each["RawContent"] for each in attached] == [b"hello", b"%PDF-"]
    assert "Text" not in mail["Content"]["Simple"]["Body"]


def test_a_mail_carries_no_other_object_of_the_bucket(deployment: Deployment) -> None:
    for key, said in {
        "tasks/default/01/result.json": "is no report",
        "reports/other/01/report.pdf": "is no report",
        "reports/default/../other/report.pdf": "is no report",
        "reports/default/01/none.pdf": "There is no report",
    }.items():
        task_id = submitted(
            deployment,
            "email.send_message",
            to="ada@example.com",
            subject="Files",
            text="One file",
            attachments=[{"filename": "a.pdf", "report": key}],
        )
        deployment.pump()

        task = deployment.task(task_id)

        assert (task.state, task.attempt) == (State.FAILED, 1)
        assert task.error is not None
        assert said in task.error.message
    assert deployment.services.ses.sent == []
