"""The task that the page of the mail shows sends the mail that it says."""

from pathlib import Path
from typing import Any

from tests.harness import deploy
from tests.house.test_papers import snippets
from windrow import Registry
from windrow.engine.submit import submit

ROOT = Path(__file__).parents[2]


def test_a_task_sends_its_own_mail_as_the_page_shows() -> None:
    world: dict[str, Any] = {}
    (snippet,) = snippets("docs/mail.md")
    exec(compile(snippet, "docs/mail.md", "exec"), world)

    with deploy(Registry([world["mail_invoice"]])) as deployment:
        submit(deployment.engine, "invoice.mail")
        deployment.pump()

        (mail,) = deployment.services.ses.sent
        assert mail["Destination"] == {"ToAddresses": ["ada@example.com"]}
        assert mail["Content"]["Simple"]["Subject"]["Data"] == "Your invoice"


def test_the_page_names_the_limits_that_there_are() -> None:
    from tasks.mail import checks, message

    page = (ROOT / "docs" / "mail.md").read_text("utf-8")

    assert f"| subject | one line, {checks.LONGEST_SUBJECT} characters |" in page
    assert f"| text, HTML | {message.LARGEST_BODY:,} bytes each |" in page
    files = f"{message.MOST_ATTACHMENTS}, and {message.LARGEST_ATTACHMENTS:,} bytes in all"
    assert f"| attachments | {files}" in page
